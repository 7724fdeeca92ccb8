import type { Diagnostic } from '@postulate/graph';

/**
 * Without complaints about the type of an expression that a syntax error cuts short: of `d | length = 3` only `length` is
 * left, which is no event, but the mistake is the `=`.
 */
export function withoutCutShort(
  semantic: readonly Diagnostic[],
  syntax: readonly Diagnostic[],
  text: string,
  source: string,
): readonly Diagnostic[] {
  const cuts = syntax.filter((d) => d.code === 'P002' || d.fix === undefined).flatMap((d) => d.span?.start ?? []);
  return semantic.filter((d) => {
    const { span } = d;
    if (d.code !== 'P200' || span?.source !== source) return true;
    return !cuts.some((at) => at > span.start && /^[^\S\n]*$/.test(text.slice(span.end, Math.max(span.end, at))));
  });
}
