import type { GrowingRows, Rows } from '../neural/causal-model.ts';
import type { Served } from './served.ts';
import { Teller, type ToldPlace } from './told-tokens.ts';

/** Prompts of one length, read side by side. */
export interface ReadPrompts {
  /** Which prompts of the request these are, by row. */
  readonly indices: readonly number[];
  readonly rows: GrowingRows;
  /** What follows each, logarithms. */
  readonly law: Rows;
  /** Each place of each prompt but the first, which nothing is before; undefined where nobody asked. */
  readonly places: readonly (readonly ToldPlace[])[] | undefined;
}

/** Prompts that can be read together: of equal length, and with one beginning. */
function groups(prompts: readonly Int32Array[]): readonly (readonly number[])[] {
  const found = new Map<string, number[]>();
  prompts.forEach((prompt, i) => {
    const key = `${prompt.length} ${prompt[0]}`;
    const group = found.get(key);
    if (group === undefined) found.set(key, [i]);
    else group.push(i);
  });
  return [...found.values()];
}

/**
 * Reads prompts token by token, those of equal length together. `told` is how many of the likeliest tokens to tell at each place of a
 * prompt (−1: all), undefined for none. The rows are the caller's to dispose of.
 */
export async function* readPrompts(
  served: Served,
  prompts: readonly Int32Array[],
  told: number | undefined,
  signal: AbortSignal,
): AsyncGenerator<ReadPrompts> {
  for (const indices of groups(prompts)) {
    const first = prompts[indices[0]];
    const one = await served.network.open(first.subarray(0, 1), 'logProbs');
    const width = served.network.size + 1;
    const teller = new Teller(served.network.size, served.end);
    const places = told === undefined ? undefined : indices.map((): ToldPlace[] => []);
    const rows = await one.rows.fork(new Int32Array(indices.length));
    one.rows.dispose();
    let law = repeated(one.first, indices.length);
    for (let t = 1; t < first.length; t++) {
      signal.throwIfAborted();
      const tokens = Int32Array.from(indices, (i) => prompts[i][t]);
      if (told !== undefined) {
        indices.forEach((_, k) => places![k].push(teller.place(law, k * width, wordOf(served, tokens[k]), told)));
      }
      law = await rows.step(tokens);
    }
    yield { indices, rows, law, places };
  }
}

/** Column of a token in a law. */
export function wordOf({ end, network }: Served, token: number): number {
  return token === end ? network.size : token;
}

function repeated(row: Rows, times: number): Rows {
  const out = new Float64Array(row.length * times);
  for (let k = 0; k < times; k++) out.set(row, k * row.length);
  return out;
}
