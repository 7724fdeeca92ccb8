import type { Draw } from '../port/index.ts';

/** Equal for draws of the same sequence; how it ended counts. */
export function sequenceKey(d: Pick<Draw, 'tokens' | 'finished'>): string {
  return `${d.finished ? 1 : 0}:${d.tokens.join()}`;
}

/** Number of different sequences among draws; how they ended counts. */
export function uniqueDraws(draws: readonly Draw[]): number {
  return new Set(draws.map(sequenceKey)).size;
}
