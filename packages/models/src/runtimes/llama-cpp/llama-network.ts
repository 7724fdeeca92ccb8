import type { LlamaContext, LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { foldLogits, type Columns } from '../../neural/fold-logits.ts';
import type { CausalModel, GrowingRows, Law, Rows } from '../../neural/index.ts';
import type { SequenceBatch } from '../../port/index.ts';
import { type Row, SequencePool } from './sequence-pool.ts';

/** Samplers that are on by default and bend what is reported: all off. */
const PLAIN: SequenceEvaluateOptions = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** A context of llama.cpp as a network. */
export function llamaNetwork(context: LlamaContext, columns: Columns, id: string): CausalModel {
  const pool = new SequencePool(context);
  return {
    id,
    size: columns.size,
    positions: Math.floor(context.contextSize),
    abilities: { score: true, next: 'all', fork: true, semantics: 'raw', maxTemperature: Infinity, seeds: 'exact' },
    async open(prefix, law) {
      const rows = new LlamaRows(pool, columns, law, [
        { read: [...prefix.subarray(0, -1)] as Token[], place: undefined },
      ]);
      return { rows, first: await rows.step(prefix.subarray(-1)) };
    },
    score: (prefix, sequences) => scoreAll(pool, columns, prefix, sequences),
  };
}

/** Calls `work` with the rows in groups that the pool has room for, each row with a sequence that has read a beginning of it. */
async function inGroups(
  pool: SequencePool,
  rows: readonly Row[],
  work: (sequence: LlamaContextSequence, index: number) => Promise<void>,
): Promise<void> {
  for (let from = 0; from < rows.length; from += pool.size) {
    // Nobody else may move the sequences until they have been read.
    await pool.alone(async () => {
      const places = await pool.settle(rows.slice(from, from + pool.size));
      await Promise.all(places.map((place, k) => work(place.sequence, from + k)));
    });
  }
}

class LlamaRows implements GrowingRows {
  #rows: readonly Row[];

  constructor(
    private readonly pool: SequencePool,
    private readonly columns: Columns,
    private readonly law: Law,
    rows: readonly Row[],
  ) {
    this.#rows = rows;
  }

  async step(tokens: Int32Array): Promise<Rows> {
    const { size } = this.columns;
    const out = new Float64Array(this.#rows.length * (size + 1));
    const logits = this.#rows.map(() => new Float64Array(size));
    await inGroups(this.pool, this.#rows, async (sequence, i) => {
      const missing = this.#rows[i].read.slice(sequence.nextTokenIndex);
      const last = tokens[i] as Token;
      const answers = await sequence.controlledEvaluate([
        ...missing,
        [last, { generateNext: { logits: true, options: PLAIN } }],
      ]);
      for (const [token, logit] of answers.at(-1)!.next.logits!) logits[i][token] = logit;
      foldLogits(logits[i], 0, this.columns, out, i * (size + 1), this.law);
    });
    this.#rows = this.#rows.map(({ read, place }, i) => ({ read: [...read, tokens[i] as Token], place }));
    return out;
  }

  reorder(ancestors: Int32Array): Promise<void> {
    this.#rows = Array.from(ancestors, (a) => ({ ...this.#rows[a] }));
    return Promise.resolve();
  }

  fork(ancestors: Int32Array): Promise<GrowingRows> {
    const rows = Array.from(ancestors, (a) => ({ ...this.#rows[a] }));
    return Promise.resolve(new LlamaRows(this.pool, this.columns, this.law, rows));
  }

  dispose(): void {
    this.#rows = [];
  }
}

/**
 * log p of each sequence, in one pass each: the logit of the token that comes, less that of the likeliest, less the logarithm of
 * Σ exp(logit − likeliest). The likeliest must be asked for (`includeTop`), or other filters are ignored without a word.
 */
async function scoreAll(
  pool: SequencePool,
  columns: Columns,
  prefix: Int32Array,
  batch: SequenceBatch,
): Promise<Float64Array> {
  const scores = new Float64Array(batch.size);
  const texts = Array.from(scores, (_, i) => batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]));
  const rows = texts.map((): Row => ({ read: [...prefix.subarray(0, -1)] as Token[], place: undefined }));
  const never = new Set(Array.from(columns.never));
  await inGroups(pool, rows, async (sequence, i) => {
    const words = [...texts[i], ...(batch.finished[i] === 1 ? [columns.size] : [])];
    if (texts[i].some((w) => never.has(w))) scores[i] = -Infinity;
    else if (words.length > 0) scores[i] = await scoreOne(sequence, columns, prefix, words);
  });
  return scores;
}

async function scoreOne(
  sequence: LlamaContextSequence,
  columns: Columns,
  prefix: Int32Array,
  words: readonly number[],
): Promise<number> {
  const { size, ends } = columns;
  const extra = Array.from(columns.never);
  const first = prefix.length - 1;
  const read = [...prefix, ...words.slice(0, -1)] as Token[];
  // What stands before the last token of the prefix needs no law; a part of it the sequence may have read.
  const input = read.slice(sequence.nextTokenIndex).map((token, k) => {
    const word = words[sequence.nextTokenIndex + k - first];
    if (word === undefined) return token;
    const tokens = [...(word === size ? [] : [word]), ...extra] as Token[];
    const logits = { filter: { tokens, includeTop: 1 } };
    return [token, { generateNext: { logits, totalLogitWeight: true, options: PLAIN } }] as [Token, object];
  });
  const answers = await sequence.controlledEvaluate(input);
  let sum = 0;
  words.forEach((word, t) => {
    const { logits, totalLogitWeight } = answers[answers.length - words.length + t]!.next;
    const most = Math.max(...logits!.values());
    const weight = (w: number): number => Math.exp((logits!.get(w as Token) ?? -Infinity) - most);
    const end = ends.reduce((total, w) => total + weight(w), 0);
    const total = totalLogitWeight! - extra.reduce((lost, w) => lost + weight(w), 0) + end;
    sum += word === size ? Math.log(end / total) : logits!.get(word as Token)! - most - Math.log(total);
  });
  return sum;
}
