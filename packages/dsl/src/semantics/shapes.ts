import type { Span } from '@postulate/graph';
import { type Checker, type Env, error } from './checker.ts';
import type { TextShape } from './values.ts';

const UNKNOWN: TextShape = { family: 'unknown' };

function difference(a: TextShape, b: TextShape): string | undefined {
  const known = a.family !== 'unknown' && b.family !== 'unknown';
  if (known && a.family !== b.family) return 'the two have different vocabularies';
  if (a.maxTokens !== undefined && b.maxTokens !== undefined && a.maxTokens !== b.maxTokens) {
    return `one has texts of at most ${a.maxTokens} tokens, the other of at most ${b.maxTokens}`;
  }
  if (a.separator !== undefined && b.separator !== undefined && a.separator !== b.separator) {
    return `one joins its tokens with ${JSON.stringify(a.separator)}, the other with ${JSON.stringify(b.separator)}`;
  }
  if (!a.tokens || !b.tokens) return undefined;
  const odd = [...a.tokens].find((t) => !b.tokens?.has(t)) ?? [...b.tokens].find((t) => !a.tokens?.has(t));
  return odd === undefined ? undefined : `only one of the two vocabularies has ${JSON.stringify(odd)}`;
}

/** What two distributions that are combined both say about their texts; reports where they cannot agree. */
export function sameTexts(c: Checker, env: Env, a: TextShape, b: TextShape, span: Span): TextShape {
  const what = difference(a, b);
  if (what !== undefined) {
    error(c, env, 'P208', span, `these distributions are not over the same texts: ${what}`, {
      help: 'combine distributions with one vocabulary and one `max_tokens`',
    });
    return UNKNOWN;
  }
  return {
    family: a.family === 'unknown' ? b.family : a.family,
    maxTokens: a.maxTokens ?? b.maxTokens,
    separator: a.separator ?? b.separator,
    tokens: a.tokens ?? b.tokens,
  };
}
