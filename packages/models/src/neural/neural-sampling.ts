import type { Chooser, SampledBatch } from '../port/index.ts';
import { LiveRows } from './live-rows.ts';
import type { Core } from './neural-model.ts';
import { RowShaper } from './row-shaping.ts';

interface Drawn {
  readonly tokens: Int32Array;
  readonly lengths: Int32Array;
  readonly finished: Uint8Array;
  readonly logProbs: Float64Array;
}

/** Independent draws, `core.rows` at a time; one uniform number a token, or a choice among all where the chooser enumerates. */
export async function sampleNeural(core: Core, count: number, chooser: Chooser): Promise<SampledBatch> {
  const shaper = new RowShaper(core.size, core.shaping);
  const parts: Drawn[] = [];
  for (let from = 0; from < count; from += core.rows) {
    parts.push(await drawTogether(core, shaper, Math.min(core.rows, count - from), chooser));
  }
  return packed(parts, count, core.maxTokens);
}

async function drawTogether(core: Core, shaper: RowShaper, size: number, chooser: Chooser): Promise<Drawn> {
  const { maxTokens } = core;
  const rows = await LiveRows.open(core, size, shaper.law);
  const drawn: Drawn = {
    tokens: new Int32Array(size * maxTokens),
    lengths: new Int32Array(size),
    finished: new Uint8Array(size),
    logProbs: new Float64Array(size),
  };
  const next = new Int32Array(size);
  let going = Int32Array.from({ length: size }, (_, i) => i);
  try {
    for (let t = 0; t < maxTokens; t++) {
      for (const i of going) {
        shaper.load(rows.law, rows.at(i));
        const word = (next[i] = chooseWord(shaper, chooser, core.size));
        drawn.logProbs[i] += shaper.logProb(word);
        if (word === core.size) drawn.finished[i] = 1;
        else drawn.tokens[i * maxTokens + drawn.lengths[i]++] = word;
      }
      going = going.filter((i) => drawn.finished[i] === 0);
      if (going.length === 0 || t + 1 === maxTokens) break;
      await rows.step(going, next);
    }
  } finally {
    rows.dispose();
  }
  return drawn;
}

function chooseWord(shaper: RowShaper, chooser: Chooser, size: number): number {
  if (chooser.uniform !== undefined) return shaper.draw(chooser.uniform());
  const law = new Float64Array(size + 1);
  shaper.write(law, 0);
  return chooser.choose(law);
}

function packed(parts: readonly Drawn[], count: number, maxTokens: number): SampledBatch {
  const offsets = new Int32Array(count + 1);
  const finished = new Uint8Array(count);
  const logProbs = new Float64Array(count);
  let at = 0;
  for (const part of parts) {
    finished.set(part.finished, at);
    logProbs.set(part.logProbs, at);
    for (const length of part.lengths) offsets[++at] = offsets[at - 1] + length;
  }
  const tokens = new Int32Array(offsets[count]);
  let to = 0;
  for (const part of parts) {
    part.lengths.forEach((length, i) => {
      tokens.set(part.tokens.subarray(i * maxTokens, i * maxTokens + length), to);
      to += length;
    });
  }
  return { size: count, tokens, offsets, finished, logProbs };
}
