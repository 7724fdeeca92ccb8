import type { CharSet } from '../char-set.ts';

/** The tree of a regular expression. */
export type Regex =
  /** One character of the set; `js` spells the same set for a JavaScript expression with the flag `u`. */
  | { readonly kind: 'set'; readonly set: CharSet; readonly js: string }
  | { readonly kind: 'sequence'; readonly items: readonly Regex[] }
  | { readonly kind: 'either'; readonly options: readonly Regex[] }
  /** `max` may be infinite. */
  | { readonly kind: 'repeat'; readonly of: Regex; readonly min: number; readonly max: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };
