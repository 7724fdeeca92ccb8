import { fail } from '@postulate/graph';
import type {
  Chooser,
  LanguageModel,
  SampledBatch,
  SequenceBatch,
  SteeredSession,
  Steerable,
  SteeringGoal,
} from '@postulate/models';
import { packDrawn } from '../../continuation/index.ts';
import { policyId, possibleLength } from '../../policies/index.ts';
import { pushedChange, type PushOptions } from './change.ts';
import { fuse } from './fuse.ts';

export interface PplmLaw {
  readonly steerable: Steerable;
  readonly goal: SteeringGoal;
  readonly klScale: number;
  readonly push: PushOptions;
  readonly fusion: number;
  readonly topK: number;
  /** Texts decoded together. */
  readonly batch: number;
}

/** One text on its way; what it takes next, given the log law. */
interface Row {
  readonly next: (law: Float64Array, at: number) => number;
  tokens: number[];
  logProb: number;
  done: boolean;
  finished: boolean;
}

/**
 * The law that pplm draws from, as a model. The changes of a text depend on its own tokens alone (a running largest norm included), so
 * that the density of any text is had by making the changes again along it.
 */
export function pplmPolicy(prior: LanguageModel, law: PplmLaw): LanguageModel {
  return {
    id: policyId(prior.id, 'pplm'),
    vocabulary: prior.vocabulary,
    maxTokens: prior.maxTokens,
    capabilities: new Set(['sample', 'completeScore']),
    open: () => {
      throw fail(
        'P600',
        'the law of pplm can be drawn from and scored text by text, but not stepped through token by token',
        {
          help: 'propose from it with --engine importance.',
        },
      );
    },
    sample: (count, chooser) => sample(prior, law, count, chooser),
    logProb: (batch) => score(prior, law, batch),
  };
}

async function sample(prior: LanguageModel, law: PplmLaw, count: number, chooser: Chooser): Promise<SampledBatch> {
  const drawn: Row[] = [];
  while (drawn.length < count) {
    const rows = Array.from({ length: Math.min(law.batch, count - drawn.length) }, (_, i): Row => {
      const own = chooser.split(drawn.length + i);
      return fresh((logs) => own.choose(logs));
    });
    await write(prior, law, rows);
    drawn.push(...rows);
  }
  return packDrawn(drawn);
}

async function score(prior: LanguageModel, law: PplmLaw, batch: SequenceBatch): Promise<Float64Array> {
  const result = new Float64Array(batch.size).fill(-Infinity);
  const possible = Array.from({ length: batch.size }, (_, i) => i).filter((i) =>
    possibleLength(batch, i, prior.maxTokens),
  );
  for (let at = 0; at < possible.length; at += law.batch) {
    const part = possible.slice(at, at + law.batch);
    const rows = part.map((i) => {
      const tokens = batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
      return fresh((_, t) => (t < tokens.length ? tokens[t] : prior.vocabulary.size));
    });
    await write(prior, law, rows);
    rows.forEach(({ logProb }, k) => (result[part[k]] = logProb));
  }
  return result;
}

const fresh = (next: Row['next']): Row => ({ next, tokens: [], logProb: 0, done: false, finished: false });

/** Writes all rows to their ends, a token of each at a time. */
async function write(prior: LanguageModel, law: PplmLaw, rows: readonly Row[]): Promise<void> {
  const session = await law.steerable.openSteered(rows.length, law.goal, law.klScale);
  try {
    const largest = new Float64Array(rows.length * session.past.layers);
    for (let t = 0; t < prior.maxTokens; t++) {
      const changed = await session.law(await pushedChange(session, rows.length, law.push, largest));
      take(prior, law, session, changed, rows, t);
      if (rows.every(({ done }) => done) || t + 1 === prior.maxTokens) return;
      await session.advance(Int32Array.from(rows, ({ tokens, done }) => (done ? prior.vocabulary.size : tokens[t])));
    }
  } finally {
    session.dispose();
  }
}

/** Each row that is not done takes its next token. */
function take(
  prior: LanguageModel,
  law: PplmLaw,
  session: SteeredSession,
  changed: Float32Array,
  rows: readonly Row[],
  t: number,
): void {
  const end = prior.vocabulary.size;
  const logs = new Float64Array(end + 1);
  rows.forEach((row, i) => {
    if (row.done) return;
    const part = [i * (end + 1), (i + 1) * (end + 1)] as const;
    fuse(session.logPrior.subarray(...part), changed.subarray(...part), law.fusion, law.topK, logs);
    const token = row.next(logs, t);
    row.logProb += logs[token];
    if (token === end) row.finished = true;
    else row.tokens.push(token);
    row.done = row.finished || row.logProb === -Infinity;
  });
}
