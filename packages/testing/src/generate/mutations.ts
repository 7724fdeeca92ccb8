import type { TokenText } from '../arbitraries/texts.ts';

/** Where mutations take their randomness and their tokens from. */
export interface Mutator {
  readonly maxTokens: number;
  /** A whole number from 0 to n − 1. */
  below(n: number): number;
  /** A token worth putting in. */
  token(): number;
  /** Tokens that differ from this one in case alone. */
  variants(token: number): readonly number[];
  /** Some other text. */
  other(): TokenText;
}

type Mutation = (tokens: readonly number[], m: Mutator) => readonly number[];

/** Those that change a token need one. */
const OF_TOKENS: readonly Mutation[] = [
  function drop(tokens, m) {
    const at = m.below(tokens.length);
    return [...tokens.slice(0, at), ...tokens.slice(at + 1)];
  },
  function replace(tokens, m) {
    const at = m.below(tokens.length);
    return [...tokens.slice(0, at), m.token(), ...tokens.slice(at + 1)];
  },
  function swap(tokens, m) {
    const at = m.below(Math.max(1, tokens.length - 1));
    return [...tokens.slice(0, at), ...tokens.slice(at, at + 2).reverse(), ...tokens.slice(at + 2)];
  },
  function repeat(tokens, m) {
    const at = m.below(tokens.length);
    return [...tokens.slice(0, at + 1), ...tokens.slice(at)];
  },
  function changeCase(tokens, m) {
    const at = m.below(tokens.length);
    const others = m.variants(tokens[at]);
    return others.length === 0 ? tokens : tokens.map((t, i) => (i === at ? others[m.below(others.length)] : t));
  },
];

const OF_ANY: readonly Mutation[] = [
  function insert(tokens, m) {
    const at = m.below(tokens.length + 1);
    return [...tokens.slice(0, at), m.token(), ...tokens.slice(at)];
  },
  function splice(tokens, m) {
    const { tokens: more } = m.other();
    return [...tokens.slice(0, m.below(tokens.length + 1)), ...more.slice(m.below(more.length + 1))];
  },
  function cut(tokens, m) {
    return tokens.slice(0, m.below(tokens.length + 1));
  },
  function fill(tokens, m) {
    const unit = tokens.length === 0 ? [m.token()] : tokens;
    return Array.from({ length: m.maxTokens }, (_, i) => unit[i % unit.length]);
  },
];

const ALL = [...OF_TOKENS, ...OF_ANY];

/** A text changed a little: one to three edits, never beyond `maxTokens`. */
export function mutated(text: TokenText, m: Mutator): TokenText {
  let tokens = text.tokens;
  for (let edits = 1 + m.below(3); edits > 0; edits--) {
    const usable = tokens.length > 0 ? ALL : OF_ANY;
    tokens = usable[m.below(usable.length)](tokens, m).slice(0, m.maxTokens);
  }
  return { tokens, finished: tokens.length < m.maxTokens };
}
