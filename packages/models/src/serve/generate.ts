import type { Rows } from '../neural/causal-model.ts';
import { LiveRows } from '../neural/live-rows.ts';
import { RowShaper } from '../neural/row-shaping.ts';
import type { Chooser } from '../port/index.ts';
import type { CompletionRequest } from './completion-request.ts';
import type { ReadPrompts } from './read-prompts.ts';
import { type Served, servedText } from './served.ts';
import { Teller, type ToldPlace } from './told-tokens.ts';

/** One completion as it grows. */
export interface Completion {
  /** Which prompt of the request it continues. */
  readonly prompt: number;
  /** Ids as answers give them: the end of the text is among them where it was drawn. */
  readonly tokens: number[];
  readonly places: ToldPlace[];
  finish: 'stop' | 'length';
  /** The text that ended it, where it was one of the request's. */
  stop: string | null;
}

export interface GenerateOptions {
  /** Which log-probabilities are told: the model's own, or those of the law that was drawn from. */
  readonly logprobsMode: 'raw_logprobs' | 'processed_logprobs';
  readonly chooser: Chooser;
  readonly signal: AbortSignal;
}

/** Continues each prompt of a group `n` times. Every completion has its own randomness, whatever it is answered together with. */
export async function generate(
  served: Served,
  request: CompletionRequest,
  read: ReadPrompts,
  { logprobsMode, chooser, signal }: GenerateOptions,
): Promise<readonly Completion[]> {
  const { n, maxTokens } = request;
  const row = Int32Array.from({ length: read.indices.length * n }, (_, k) => Math.floor(k / n));
  const completions = Array.from(row, (r): Completion => ({ prompt: read.indices[r], tokens: [], places: [], finish: 'length', stop: null })); // prettier-ignore
  const choosers = completions.map(({ prompt }, k) => chooser.split(prompt).split(k % n));
  const write = placeWriter(served, request, logprobsMode);
  const rows = new LiveRows({ rows: read.rows, first: read.law }, row, served.network.size + 1);
  const next = new Int32Array(row.length);
  let going = Int32Array.from(row, (_, k) => k);
  try {
    for (let t = 0; t < maxTokens && going.length > 0; t++) {
      if (t > 0) await rows.step(going, next);
      signal.throwIfAborted();
      for (const k of going) next[k] = write(rows.law, rows.at(k), choosers[k], completions[k]);
      going = going.filter((k) => completions[k].finish !== 'stop');
    }
  } finally {
    rows.dispose();
  }
  return completions;
}

/** Draws a word of a row for a completion, and says which. */
function placeWriter(
  served: Served,
  { temperature, topK, topP, logprobs, stop }: CompletionRequest,
  mode: GenerateOptions['logprobsMode'],
): (law: Rows, at: number, chooser: Chooser, completion: Completion) => number {
  const { size } = served.network;
  const greedy = temperature === 0;
  const shaper = new RowShaper(size, greedy ? { topK: 1 } : { temperature, topK, topP }, 'logProbs');
  const teller = new Teller(size, served.end);
  const processed = new Float64Array(size + 1);
  return (law, at, chooser, completion) => {
    shaper.load(law, at);
    const word = shaper.draw((chooser.uniform ?? noUniform)());
    if (logprobs !== undefined) {
      if (mode === 'processed_logprobs') shaper.write(processed, 0);
      const own = mode === 'raw_logprobs';
      completion.places.push(teller.place(own ? law : processed, own ? at : 0, word, logprobs));
    }
    completion.tokens.push(word === size ? served.end : word);
    if (word === size) completion.finish = 'stop';
    else if (stop.length > 0) judgeStop(served, stop, completion);
    return word;
  };
}

function noUniform(): never {
  throw new Error('a server draws with uniform numbers');
}

function judgeStop(served: Served, stop: readonly string[], completion: Completion): void {
  const text = servedText(served, completion.tokens);
  const found = stop.find((s) => text.includes(s));
  if (found === undefined) return;
  completion.finish = 'stop';
  completion.stop = found;
}
