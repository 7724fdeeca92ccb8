import { fail, type PostError } from '@postulate/graph';
import type { Example, ExampleKind, RewardKind } from './kinds.ts';
import { EXAMPLES_OF } from './kinds.ts';

/** What is learned from: texts, each once, and examples that refer to them. */
export interface RewardData {
  readonly texts: readonly string[];
  readonly examples: readonly Example[];
  /** In order of first appearance. */
  readonly labels: readonly string[];
  /** What decides which side of a split an example is on: equal keys stay together. */
  readonly keys: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The kind of head that suits data best, from the fields of its first line. */
const KIND_OF: Readonly<Record<ExampleKind, RewardKind>> = {
  pair: 'bt',
  label: 'label',
  rating: 'gaussian',
  approvals: 'beta',
};

const SHAPES: Readonly<Record<ExampleKind, string>> = {
  pair: '{"prompt": "…", "chosen": "…", "rejected": "…"}',
  label: '{"text": "…", "label": "…"}',
  rating: '{"text": "…", "rating": 3.5}',
  approvals: '{"text": "…", "approvals": 3, "of": 5}',
};

/** Reads JSONL, one example a line, all of one kind; `prompt` may be left out. P522 names the file and the line. */
export function parseRewardData(
  content: string,
  file: string,
  kind?: RewardKind,
): RewardData & { readonly kind: RewardKind } {
  const store = new Store();
  const [examples, keys]: [Example[], string[]] = [[], []];
  let wanted: ExampleKind | undefined = kind && EXAMPLES_OF[kind];
  content.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '') return;
    const at = { file, line: i + 1 };
    const value = objectIn(line, at);
    wanted ??= kindOf(value, at);
    const { example, key } = exampleOf(wanted, value, store, at);
    examples.push(example);
    keys.push(key);
  });
  if (wanted === undefined)
    throw malformed({ file, line: 1 }, 'there is no example in the file', Object.values(SHAPES).join(' or '));
  return { kind: kind ?? KIND_OF[wanted], texts: store.texts, labels: store.labels, examples, keys };
}

interface Place {
  readonly file: string;
  readonly line: number;
}

function malformed({ file, line }: Place, what: string, wanted: string): PostError {
  return fail('P522', `line ${line} of "${file}" cannot be learned from: ${what}.`, {
    kind: 'outside',
    help: `a line is ${wanted}.`,
  });
}

function objectIn(line: string, at: Place): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw malformed(at, `it is not JSON (${(cause as Error).message})`, 'one JSON object');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(at, 'it is not a JSON object', 'one JSON object');
}

function kindOf(value: Fields, at: Place): ExampleKind {
  if ('chosen' in value || 'rejected' in value) return 'pair';
  if ('label' in value) return 'label';
  if ('rating' in value) return 'rating';
  if ('approvals' in value) return 'approvals';
  throw malformed(at, `its fields are ${Object.keys(value).join(', ') || 'none'}`, Object.values(SHAPES).join(' or '));
}

function exampleOf(kind: ExampleKind, value: Fields, store: Store, at: Place): { example: Example; key: string } {
  const wrong = (what: string): PostError => malformed(at, what, SHAPES[kind]);
  const string = (name: string): string => {
    const v = value[name];
    if (typeof v === 'string') return v;
    throw wrong(v === undefined ? `it has no "${name}"` : `"${name}" is ${JSON.stringify(v)}, not a string`);
  };
  const number = (name: string, whole: boolean): number => {
    const v = value[name];
    if (typeof v === 'number' && Number.isFinite(v) && (!whole || (Number.isInteger(v) && v >= 0))) return v;
    const what = whole ? 'a whole number of at least 0' : 'a number';
    throw wrong(v === undefined ? `it has no "${name}"` : `"${name}" is ${JSON.stringify(v)}, not ${what}`);
  };
  const prompt = 'prompt' in value ? string('prompt') : '';
  if (kind === 'pair') {
    const [chosen, rejected] = [prompt + string('chosen'), prompt + string('rejected')];
    if (chosen === rejected) throw wrong('"chosen" and "rejected" are the same text');
    const key = prompt !== '' ? prompt : [chosen, rejected].sort().join('\0');
    return { example: { kind, chosen: store.text(chosen), rejected: store.text(rejected) }, key };
  }
  const written = prompt + string('text');
  const text = store.text(written);
  if (kind === 'label') {
    const name = typeof value['label'] === 'number' ? String(value['label']) : string('label');
    return { example: { kind, text, label: store.label(name) }, key: written };
  }
  if (kind === 'rating') return { example: { kind, text, rating: number('rating', false) }, key: written };
  const [approvals, of] = [number('approvals', true), number('of', true)];
  if (approvals > of || of === 0) throw wrong(`${approvals} of ${of} raters cannot have approved`);
  return { example: { kind, text, approvals, of }, key: written };
}

/** Texts and labels by their first appearance. */
class Store {
  readonly texts: string[] = [];
  readonly labels: string[] = [];
  readonly #textAt = new Map<string, number>();

  text(text: string): number {
    const known = this.#textAt.get(text);
    if (known !== undefined) return known;
    this.#textAt.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }

  label(name: string): number {
    const known = this.labels.indexOf(name);
    return known >= 0 ? known : this.labels.push(name) - 1;
  }
}
