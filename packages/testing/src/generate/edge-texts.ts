import type { Chooser, Vocabulary } from '@postulate/models';
import type { TokenText } from '../arbitraries/texts.ts';
import type { SequenceSpace } from '../laws/sequences.ts';

/** Tokens whose strings are apt to break what reads them, in order of suspicion, at most `most`. */
export function edgeTokens({ tokens }: Vocabulary, most = 24): readonly number[] {
  const suspicion = (s: string): number => {
    if (s === '') return 9;
    if (/[\u{10000}-\u{10ffff}]/u.test(s)) return 8;
    if (/\p{M}|\u200d|\ufeff|\ufffd/u.test(s)) return 7;
    if (/[^\u0020-\u007e]/u.test(s)) return 6;
    if (/[\s\u0000-\u001f]/.test(s)) return 5;
    if (/['_]|\d/.test(s)) return 2;
    return s.length > 24 ? 1 : 0;
  };
  const ranked = new Map<number, number[]>();
  tokens.forEach((s, id) => {
    const rank = suspicion(s);
    const list = ranked.get(rank) ?? [];
    if (rank > 0 && list.length < most / 4) ranked.set(rank, [...list, id]);
  });
  return [...ranked.keys()]
    .sort((a, b) => b - a)
    .flatMap((rank) => ranked.get(rank)!)
    .slice(0, most);
}

/** Tokens that differ from another one in case alone, by the lower-cased string. */
export function caseVariants({ tokens }: Vocabulary): ReadonlyMap<number, readonly number[]> {
  const byFold = new Map<string, number[]>();
  tokens.forEach((s, id) => {
    const key = s.toLowerCase();
    const list = byFold.get(key);
    if (list) list.push(id);
    else byFold.set(key, [id]);
  });
  const variants = new Map<number, readonly number[]>();
  for (const list of byFold.values()) {
    if (list.length > 1) for (const id of list) variants.set(id, list.filter((other) => other !== id)); // prettier-ignore
  }
  return variants;
}

/**
 * Another token sequence for the same string, which no encoder would make: a token split in two, where both halves are
 * tokens. Undefined where tokens are joined by something, or nothing can be split.
 */
export function resegmented(
  { separator }: Vocabulary,
  ids: ReadonlyMap<string, number>,
  strings: readonly string[],
  { tokens }: TokenText,
  maxTokens: number,
  chooser: Chooser,
): TokenText | undefined {
  if (separator !== '' || tokens.length >= maxTokens) return undefined;
  const splits = tokens.flatMap((token, at) => {
    const points = [...strings[token]];
    return points.slice(1).flatMap((_, k) => {
      const [a, b] = [points.slice(0, k + 1).join(''), points.slice(k + 1).join('')].map((s) => ids.get(s));
      return a === undefined || b === undefined ? [] : [[at, a, b] as const];
    });
  });
  if (splits.length === 0) return undefined;
  const [at, a, b] = splits[chooser.choose(new Float64Array(splits.length))];
  const split = [...tokens.slice(0, at), a, b, ...tokens.slice(at + 1)];
  return { tokens: split, finished: split.length < maxTokens };
}

/** The empty text, single suspicious tokens, and the longest text of each. */
export function edgeTexts({ vocabulary, maxTokens }: SequenceSpace): readonly TokenText[] {
  const text = (tokens: readonly number[]): TokenText => ({ tokens, finished: tokens.length < maxTokens });
  const suspicious = edgeTokens(vocabulary);
  const few = vocabulary.size === 0 ? [] : [...new Set([...suspicious, 0, vocabulary.size - 1])];
  return [
    text([]),
    ...few.map((t) => text([t])),
    ...few.slice(0, 6).map((t) => text(new Array<number>(maxTokens).fill(t))),
  ];
}
