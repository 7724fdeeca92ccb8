import { builtins } from './index.ts';
import { signature } from './signature.ts';
import type { Family } from './types.ts';

export interface Completion {
  readonly name: string;
  readonly family: Family;
  /** `count(text, whole_word = false, ignore_case = false) → Score`. */
  readonly signature: string;
  /** Markdown. */
  readonly doc: string;
  /** What to insert; `${1}` marks where the caret goes. */
  readonly insert: string;
  readonly propertyOnly: boolean;
}

/** What an editor offers: every builtin with its signature. */
export function completions(): readonly Completion[] {
  return builtins.map((b) => ({
    name: b.name,
    family: b.family,
    signature: signature(b),
    doc: b.doc,
    insert: b.form === 'value' ? b.name : `${b.name}(\${1})`,
    propertyOnly: b.propertyOnly ?? false,
  }));
}
