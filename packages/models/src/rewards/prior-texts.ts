import type { Chooser } from '../port/chooser.ts';
import type { BaseModel } from './base-model.ts';

const ROWS = 64;

/** Texts that a decoder writes itself, as token ids, at most `most` tokens each: what a reward is centred on. */
export async function priorTexts(
  { decoder, start }: BaseModel,
  count: number,
  most: number,
  chooser: Chooser,
): Promise<readonly Int32Array[]> {
  const texts: number[][] = [];
  for (let from = 0; from < count; from += ROWS) {
    const rows = Array.from({ length: Math.min(ROWS, count - from) }, (_, i) => {
      return { tokens: [] as number[], done: false, own: chooser.split(from + i) };
    });
    const decoding = decoder.open(rows.length, 'logProbs');
    const end = decoder.config.vocabulary;
    let next = new Int32Array(rows.length).fill(start[0] ?? decoder.end);
    for (let t = 0; t < most && rows.some(({ done }) => !done); t++) {
      const laws = await decoding.step(next);
      next = Int32Array.from(rows, (row, i) => {
        if (row.done) return decoder.end;
        const token = row.own.choose(laws.subarray(i * (end + 1), (i + 1) * (end + 1)));
        if (token === end) row.done = true;
        else row.tokens.push(token);
        return token === end ? decoder.end : token;
      });
    }
    decoding.dispose();
    texts.push(...rows.map(({ tokens }) => tokens));
  }
  return texts.map((tokens) => Int32Array.from(tokens));
}
