import type { Chooser, LanguageModel, SampledBatch } from '@postulate/models';
import { andThen, inTurn, type Maybe } from '../bind/maybe.ts';
import type { Laws, Training } from './training.ts';

/** Writes log softmax(row / temperature) into `out`. */
function temper(row: Float32Array | Float64Array, temperature: number, out: Float64Array): void {
  let max = -Infinity;
  for (let v = 0; v < row.length; v++) max = Math.max(max, (out[v] = row[v] / temperature));
  let sum = 0;
  for (let v = 0; v < row.length; v++) sum += Math.exp(out[v] - max);
  const shift = max + Math.log(sum);
  for (let v = 0; v < row.length; v++) out[v] -= shift;
}

/** Draws of a model at a temperature, with their density under that law. */
export function temperedSample(
  model: LanguageModel,
  temperature: number,
  count: number,
  chooser: Chooser,
): Maybe<SampledBatch> {
  const width = model.vocabulary.size + 1;
  const session = model.open(count);
  const texts: number[][] = Array.from({ length: count }, () => []);
  const finished = new Uint8Array(count);
  const logProbs = new Float64Array(count);
  const law = new Float64Array(width);
  const position = (t: number): Maybe<void> => {
    const logs = session.logProbs;
    const tokens = new Int32Array(count).fill(width - 1);
    for (let i = 0; i < count; i++) {
      if (finished[i] === 1) continue;
      temper(logs.subarray(i * width, (i + 1) * width), temperature, law);
      const v = chooser.choose(law);
      logProbs[i] += law[v];
      tokens[i] = v;
      if (v === width - 1) finished[i] = 1;
      else texts[i].push(v);
    }
    return t + 1 === model.maxTokens ? undefined : session.advance(tokens);
  };
  return andThen(inTurn(model.maxTokens, position), () => packed(texts, finished, logProbs));
}

function packed(texts: readonly number[][], finished: Uint8Array, logProbs: Float64Array): SampledBatch {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.length));
  return { size: texts.length, tokens: Int32Array.from(texts.flat()), offsets, finished, logProbs };
}

/** The policy's laws at a temperature, to draw from. */
export function temperedLaws(t: Training, temperature: number): Laws {
  return t.policy.laws.map((law) => ({
    ...law,
    sample: (count: number, chooser: Chooser) => temperedSample(law, temperature, count, chooser),
  }));
}
