import type { Draw } from '../port/index.ts';

/** Number of different sequences among draws; how they ended counts. */
export function uniqueDraws(draws: readonly Draw[]): number {
  return new Set(draws.map((d) => `${d.finished ? 1 : 0}:${d.tokens.join()}`)).size;
}
