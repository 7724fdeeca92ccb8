import { fail } from '@postulate/graph';

/** How far a law's sum may be from 1 before it is not one. */
const SLACK = 1e-2;

/**
 * Writes a law that a server told token by token: `told` lists ids and log-probabilities, of every token. The token that ends a text
 * goes to the last column. Normalised to a sum of 1; P531 where it is far from that, as logits or the law of a few tokens are.
 */
export function writeLaw(
  out: Float64Array,
  at: number,
  size: number,
  end: number,
  told: Iterable<readonly [id: number, logProb: number]>,
  url: string,
): void {
  out.fill(-Infinity, at, at + size + 1);
  let total = 0;
  for (const [id, logProb] of told) {
    if (id !== end && id >= size) continue;
    out[at + (id === end ? size : id)] = logProb;
    total += Math.exp(logProb);
  }
  if (!(Math.abs(total - 1) < SLACK)) {
    throw fail(
      'P531',
      `the server at ${url} answers what cannot be used: a law over all tokens sums to ${total.toPrecision(4)}.`,
      {
        kind: 'outside',
        help: 'log-probabilities must be those of the model itself: --logprobs-mode raw_logprobs',
      },
    );
  }
  const norm = Math.log(total);
  for (let w = 0; w <= size; w++) out[at + w] -= norm;
}
