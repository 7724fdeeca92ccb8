/**
 * `POSTULATE_SLOW` asks for the slow tests: 1 for their full size, a share such as 0.05 to go through all of them at a
 * small size. Without it they are left out.
 */
const share = Number(process.env['POSTULATE_SLOW'] ?? 0);
if (!(share >= 0 && share <= 1)) throw new Error(`POSTULATE_SLOW must lie between 0 and 1, not ${share}`);

export const slow = share > 0;

/** Times are judged at full size only: a small size is for machines that do other work too. */
export const timed = share === 1;

/** How often to try: `fast` by default, the share of `full` in the slow variant, though at least `fewest` times. */
export function runs(fast: number, full: number, fewest = 1): number {
  return slow ? Math.max(fewest, Math.round(share * full)) : fast;
}
