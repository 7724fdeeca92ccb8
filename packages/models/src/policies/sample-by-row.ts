import {
  packSequences,
  type Chooser,
  type DecodeSession,
  type LanguageModel,
  type SampledBatch,
} from '../port/index.ts';

/** Sequences that are drawn or scored side by side: a step of a policy's batch at once, for its weights are read anew with every token. */
export const TOGETHER = 128;

/** Draws of the law whose rows `open` gives, some side by side, each from a chooser of its own. */
export async function sampleByRow(
  like: Pick<LanguageModel, 'vocabulary' | 'maxTokens'>,
  open: (size: number) => DecodeSession,
  count: number,
  chooser: Chooser,
): Promise<SampledBatch> {
  const texts: Text[] = [];
  while (texts.length < count) {
    const size = Math.min(TOGETHER, count - texts.length);
    const choosers = Array.from({ length: size }, (_, i) => chooser.split(texts.length + i));
    texts.push(...(await drawTogether(like, open(size), choosers)));
  }
  const batch = packSequences(
    texts.map((x) => x.tokens),
    texts.map((x) => x.finished),
  );
  return { ...batch, logProbs: Float64Array.from(texts, (x) => x.logProb) };
}

interface Text {
  readonly tokens: number[];
  finished: boolean;
  logProb: number;
}

/** One text from each chooser. */
async function drawTogether(
  { vocabulary, maxTokens }: Pick<LanguageModel, 'vocabulary' | 'maxTokens'>,
  session: DecodeSession,
  choosers: readonly Chooser[],
): Promise<readonly Text[]> {
  const width = vocabulary.size + 1;
  const texts = choosers.map((): Text => ({ tokens: [], finished: false, logProb: 0 }));
  for (let t = 0; t < maxTokens && texts.some((x) => !x.finished); t++) {
    if (t > 0) await session.advance(Int32Array.from(texts, (x) => (x.finished ? width - 1 : x.tokens[t - 1])));
    const rows = session.logProbs;
    texts.forEach((text, i) => {
      if (text.finished) return;
      const row = rows.subarray(i * width, (i + 1) * width);
      const token = drawToken(row, choosers[i]);
      text.logProb += row[token];
      if (token === width - 1) text.finished = true;
      else text.tokens.push(token);
    });
  }
  return texts;
}

/** An index drawn with probability exp(row), which sums to one but for rounding. */
function drawToken(row: Float32Array | Float64Array, chooser: Chooser): number {
  if (chooser.uniform === undefined) return chooser.choose(row);
  let left = chooser.uniform();
  let last = -1;
  for (let v = 0; v < row.length; v++) {
    if (row[v] === -Infinity) continue;
    last = v;
    left -= Math.exp(row[v]);
    if (left < 0) break;
  }
  return last;
}
