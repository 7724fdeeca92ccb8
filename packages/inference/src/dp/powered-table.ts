import type { BackoffTable } from '@postulate/models';

/** Tables by their base and exponent: fits of moments ask for the same one again and again. */
const kept = new WeakMap<BackoffTable, Map<number, BackoffTable | null>>();

/**
 * The table whose weights are those of `table` to the power `exponent`: Π p(w | h)^t over the words of a text is in
 * back-off form again, (Π backoff · raw / norm)^t being the product of the powers. Weights of 0 stay 0. The rows of the
 * result do not sum to one. Undefined where some power is too large or too small for a double.
 */
export function poweredTable(table: BackoffTable, exponent: number): BackoffTable | undefined {
  if (exponent === 1) return table;
  let powers = kept.get(table);
  if (powers === undefined) kept.set(table, (powers = new Map<number, BackoffTable | null>()));
  let found = powers.get(exponent);
  if (found === undefined) powers.set(exponent, (found = raise(table, exponent)));
  return found ?? undefined;
}

function raise(table: BackoffTable, exponent: number): BackoffTable | null {
  const power = (x: number): number => (x === 0 ? 0 : x ** exponent);
  const holds = (from: Float64Array, to: Float64Array): boolean =>
    from.every((x, i) => x === 0 || (to[i] >= Number.MIN_VALUE * 2 ** 52 && to[i] < Infinity));
  const probs = table.probs.map(power);
  const backoff = table.backoff.map(power);
  const norm = table.norm?.map(power);
  const fits =
    holds(table.probs, probs) &&
    holds(table.backoff, backoff) &&
    (norm === undefined || table.norm === undefined || holds(table.norm, norm));
  return fits ? { ...table, probs, backoff, norm, interpolated: table.interpolated && exponent > 0 } : null;
}
