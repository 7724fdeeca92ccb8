import type { Chooser, LanguageModel, PolicyGuide, SequenceBatch } from '@postulate/models';
import { logAddExp } from '../../numeric/index.ts';
import type { Preparing, RowsLaw } from '../../port/index.ts';
import { tellSlowly } from '../../twists/tell-slowly.ts';
import { settledValues } from '../../machine/index.ts';
import { choiceOffsets } from '../choices.ts';
import { rowsFrom } from '../draw.ts';
import { modelRows } from '../model-rows.ts';
import { prefixStates } from '../prefix-states.ts';

/** Tokens whose log-probabilities may be read, the commonest first. */
const CANDIDATES = 256;
/** Choices that a guide is fitted to at most. */
const MOST = 40_000;
/** Numbers in the rows of texts that are read at once. */
const BATCH_CELLS = 1 << 22;
/** Texts read at once at most, and drawn at once at least. */
const TOGETHER = { most: 128, least: 32 };

/** Choices along texts: where the tokens of each may lead, how likely a guide makes that, and how likely it is. */
export interface Choices {
  readonly count: number;
  /** V for the end. */
  readonly candidates: Int32Array;
  /** log b(candidates | prefix): count × candidates. */
  readonly logs: Float32Array;
  /** The ways of choice j are those from `offsets[j]` to `offsets[j + 1]`; length count + 1. */
  readonly offsets: Int32Array;
  /** The value of the guide that each way leads to; −1 for the end of the text. */
  readonly values: Int32Array;
  /** log of b times the guide, summed over the tokens that go this way; nats, unnormalised. */
  readonly guided: Float64Array;
  /** How likely the law makes the way; sums to one over those of a choice. */
  readonly wanted: Float64Array;
}

interface Asked extends Preparing {
  readonly prior: LanguageModel;
  readonly guide: PolicyGuide;
  /** What is wanted. */
  readonly law: RowsLaw;
  readonly texts: LanguageModel;
  readonly draws: number;
  readonly chooser: Chooser;
}

/** The choices along `draws` texts before which what the factors add is open, the first 40,000 of them. */
export async function choicesOf(asked: Asked): Promise<Choices> {
  const { prior, texts, draws, chooser, signal, tell } = asked;
  const width = prior.vocabulary.size + 1;
  const say = tellSlowly(tell);
  const together = Math.max(1, Math.min(TOGETHER.most, Math.floor(BATCH_CELLS / (width * prior.maxTokens))));
  const batches: SequenceBatch[] = [];
  for (let have = 0; have < draws; have += batches[batches.length - 1].size) {
    signal?.throwIfAborted();
    say(() => `a guide: ${have} of ${draws} texts of a look-ahead`);
    const size = Math.min(Math.max(together, TOGETHER.least), draws - have);
    batches.push(await texts.sample(size, chooser.split(batches.length)));
  }
  const found = new Collected(asked.guide, commonest(batches, width));
  let read = 0;
  for (const batch of batches.flatMap((b) => partsOf(b, together))) {
    if (found.count >= MOST) break;
    signal?.throwIfAborted();
    say(() => `a guide: ${read} of ${draws} texts are looked ahead of`);
    const { rows } = await asked.law(batch);
    found.add(batch, await modelRows(prior, batch), rows);
    read += batch.size;
  }
  return found.choices();
}

const partsOf = (batch: SequenceBatch, size: number): readonly SequenceBatch[] =>
  Array.from({ length: Math.ceil(batch.size / size) }, (_, k) =>
    rowsFrom(batch, k * size, Math.min(batch.size, (k + 1) * size)),
  );

/** The columns that texts name most often. */
function commonest(batches: readonly SequenceBatch[], width: number): Int32Array {
  const counts = new Float64Array(width);
  for (const { tokens, finished } of batches) {
    for (const token of tokens) counts[token]++;
    for (const ends of finished) counts[width - 1] += ends;
  }
  const seen = [...counts.keys()].filter((v) => counts[v] > 0).sort((a, b) => counts[b] - counts[a] || a - b);
  return Int32Array.from(seen.slice(0, CANDIDATES));
}

type Rows = Float32Array | Float64Array;

class Collected {
  private readonly logs: Float32Array[] = [];
  private readonly offsets: number[] = [0];
  private readonly values: number[] = [];
  private readonly guided: number[] = [];
  private readonly wanted: number[] = [];

  constructor(
    private readonly guide: PolicyGuide,
    private readonly candidates: Int32Array,
  ) {}

  get count(): number {
    return this.logs.length;
  }

  add(batch: SequenceBatch, base: Rows, law: Rows): void {
    const { machine, values } = this.guide;
    const maxTokens = values.length / machine.states - 1;
    const width = machine.vocabularySize + 1;
    const at = choiceOffsets(batch);
    const { states } = prefixStates(machine, batch);
    for (let i = 0; i < batch.size; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        const t = j - at[i];
        if (!Number.isNaN(settledValues(machine, maxTokens - t)[states[j]])) continue;
        const [from, to] = [j * width, (j + 1) * width];
        this.addChoice(t, states[j], base.subarray(from, to), law.subarray(from, to));
      }
    }
  }

  private addChoice(t: number, state: number, base: Rows, law: Rows): void {
    const { machine, values } = this.guide;
    const { classOf, classes, next, output, finalEnd, states, vocabularySize: size } = machine;
    const ways = new Map<number, { guided: number; wanted: number }>();
    for (let v = 0; v < size; v++) {
      if (base[v] === -Infinity) continue;
      const arc = state * classes + classOf[v];
      const value = (t + 1) * states + next[arc];
      let way = ways.get(value);
      if (way === undefined) ways.set(value, (way = { guided: -Infinity, wanted: 0 }));
      way.guided = logAddExp(way.guided, base[v] + (output?.[arc] ?? 0) + values[value]);
      way.wanted += Math.exp(law[v]);
    }
    ways.set(-1, { guided: base[size] + finalEnd[state], wanted: Math.exp(law[size]) });
    // What the guide rules out it is not to be taught.
    const open = [...ways].filter(([, { guided }]) => guided > -Infinity);
    const total = open.reduce((sum, [, { wanted }]) => sum + wanted, 0);
    if (open.length < 2 || !(total > 0)) return;
    for (const [value, { guided, wanted }] of open) {
      this.values.push(value);
      this.guided.push(guided);
      this.wanted.push(wanted / total);
    }
    this.offsets.push(this.values.length);
    this.logs.push(Float32Array.from(this.candidates, (v) => base[v]));
  }

  choices(): Choices {
    const { candidates } = this;
    const logs = new Float32Array(this.logs.length * candidates.length);
    this.logs.forEach((row, j) => logs.set(row, j * candidates.length));
    return {
      ...{ count: this.logs.length, candidates, logs },
      offsets: Int32Array.from(this.offsets),
      values: Int32Array.from(this.values),
      guided: Float64Array.from(this.guided),
      wanted: Float64Array.from(this.wanted),
    };
  }
}
