import { seededChooser } from '@postulate/inference';
import { packSequences, textBatch, type LanguageModel } from '@postulate/models';
import { close, lawBook, type LawReport } from './report.ts';
import { describeSequence, lawBatches } from './sequences.ts';

export interface ModelLawOptions {
  readonly texts?: number;
  readonly seed?: string;
  readonly tolerance?: number;
}

/** Every sequence a model can make, with its kind of end; undefined beyond `limit` prefixes. */
export function allSequences(
  size: number,
  maxTokens: number,
  limit = 50_000,
): ReturnType<typeof packSequences> | undefined {
  let layer: number[][] = [[]];
  const all: number[][] = [];
  for (let length = 0; length <= maxTokens; length++) {
    all.push(...layer);
    if (all.length > limit) return undefined;
    if (length < maxTokens) layer = layer.flatMap((s) => Array.from({ length: size }, (_, t) => [...s, t]));
  }
  return packSequences(all, all.map((s) => s.length < maxTokens)); // prettier-ignore
}

/** log-probability of each sequence token by token through a decoding session, and how far its rows are from mass 1. */
async function bySession(model: LanguageModel, batch: ReturnType<typeof textBatch>) {
  const width = model.vocabulary.size + 1;
  const session = model.open(batch.size);
  const logProbs = new Float64Array(batch.size);
  let worstRow = 0;
  for (let t = 0; t < model.maxTokens; t++) {
    const rows = session.logProbs;
    const tokens = new Int32Array(batch.size);
    for (let i = 0; i < batch.size; i++) {
      const at = batch.offsets[i] + t;
      if (at > batch.offsets[i + 1] || logProbs[i] === -Infinity) continue;
      const row = Float64Array.from(rows.subarray(i * width, (i + 1) * width));
      worstRow = Math.max(worstRow, Math.abs(row.reduce((sum, l) => sum + Math.exp(l), 0) - 1));
      tokens[i] = at < batch.offsets[i + 1] ? batch.tokens[at] : 0;
      logProbs[i] += row[at < batch.offsets[i + 1] ? batch.tokens[at] : width - 1];
    }
    await session.advance(tokens);
  }
  return { logProbs, worstRow };
}

/**
 * The laws of a language model: rows of a session have mass 1, `logProb` is the sum along the session, draws carry
 * their own `logProb`, and (where the sequences can be listed) all of them together have mass 1.
 */
export async function modelLaws(model: LanguageModel, options: ModelLawOptions = {}): Promise<LawReport[]> {
  const { texts = 200, seed = 'laws', tolerance = 1e-9 } = options;
  const chooser = seededChooser(seed);
  const rows = lawBook('next-token rows have mass 1');
  const sums = lawBook('logProb is the sum along the session');
  for (const batch of await lawBatches(model, texts, chooser)) {
    const { logProbs, worstRow } = await bySession(model, batch);
    rows.check(worstRow <= tolerance, () => `a row is off by ${worstRow}`);
    const direct = await model.logProb(batch);
    direct.forEach((l, i) =>
      sums.check(close(logProbs[i], l, tolerance), () => `${logProbs[i]}, not ${l} at ${describeSequence(batch, i)}`),
    );
  }
  const draws = lawBook('draws carry their log-probability');
  const sampled = await model.sample(texts, chooser.split('draws'));
  const scored = await model.logProb(sampled);
  const named = textBatch(model.vocabulary, sampled);
  scored.forEach((l, i) =>
    draws.check(
      close(sampled.logProbs[i], l, tolerance),
      () => `${sampled.logProbs[i]}, not ${l} at ${describeSequence(named, i)}`,
    ),
  );
  const mass = lawBook('all sequences have mass 1');
  const all = allSequences(model.vocabulary.size, model.maxTokens);
  if (all !== undefined) {
    const total = (await model.logProb(all)).reduce((sum, l) => sum + Math.exp(l), 0);
    mass.check(close(total, 1, tolerance), () => `mass ${total}`);
  }
  return [rows.report(), sums.report(), draws.report(), mass.report()];
}
