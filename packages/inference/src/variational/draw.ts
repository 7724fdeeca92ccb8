import type { Chooser, SampledBatch, SequenceBatch, TextBatch } from '@postulate/models';
import { all, andThen, type Maybe } from '../bind/maybe.ts';
import { asTexts, joinBatches } from '../bind/index.ts';
import type { Drawn, Group, Laws, Training } from './training.ts';

/** Draws of one target with what the prior and the factors say of them. */
interface Part {
  readonly law: number;
  readonly batch: TextBatch;
  readonly logQ: Float64Array;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
}

/** Arrays one after the other. */
export function concatenate(parts: readonly Float64Array[]): Float64Array;
export function concatenate(parts: readonly (Float32Array | Float64Array)[]): Float32Array | Float64Array;
export function concatenate(parts: readonly (Float32Array | Float64Array)[]): Float32Array | Float64Array {
  if (parts.length === 1) return parts[0];
  const out = new Float64Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

function lawColumn(groups: readonly Group[], size: number): Int32Array | undefined {
  if (groups.every((g) => g.law === 0)) return undefined;
  const laws = new Int32Array(size);
  for (const g of groups) laws.fill(g.law, g.from, g.to);
  return laws;
}

function joined(parts: readonly Part[]): Drawn {
  const sequences = joinBatches(parts.map((p) => p.batch));
  const batch = parts.length === 1 ? parts[0].batch : asTexts(parts[0].batch.vocabulary, sequences);
  let at = 0;
  const groups = parts.map((p) => ({ law: p.law, from: at, to: (at += p.batch.size) }));
  return {
    batch,
    groups,
    laws: lawColumn(groups, batch.size),
    logQ: concatenate(parts.map((p) => p.logQ)),
    logPrior: concatenate(parts.map((p) => p.logPrior)),
    logFactor: concatenate(parts.map((p) => p.logFactor)),
  };
}

/** What the prior and the factors of target `law` say of texts. */
export function weighTexts(t: Training, law: number, sampled: SampledBatch): Maybe<Part> {
  const { prior } = t.targets[law];
  const batch = asTexts(prior.vocabulary, sampled);
  return all([prior.logProb(batch), t.logFactor[law](batch)], ([logPrior, logFactor]) => ({
    ...{ law, batch, logQ: sampled.logProbs, logPrior, logFactor },
  }));
}

/** Targets that step `t.step` draws for, in turn. */
export function contextsOfStep({ trained, options, step }: Training): readonly number[] {
  const { contexts } = options;
  if (contexts === 0 || contexts >= trained.length) return trained;
  return Array.from({ length: contexts }, (_, i) => trained[(step * contexts + i) % trained.length]);
}

/** How many of a step's `count` texts each of its targets gets: a baseline needs two. */
export const textsEach = (contexts: readonly number[], count: number): number =>
  Math.max(2, Math.floor(count / contexts.length));

/** `count` texts (the step's batch), equally many for each target of the step, from one law a target. */
export function draw(t: Training, laws: Laws, chooser: Chooser, count = t.options.batch): Maybe<Drawn> {
  const contexts = contextsOfStep(t);
  const each = textsEach(contexts, count);
  const parts = contexts.map((law) =>
    andThen(laws[law].sample(each, t.targets.length === 1 ? chooser : chooser.split(law)), (s) =>
      weighTexts(t, law, s),
    ),
  );
  return all(parts, joined);
}

/** Several draws as one; those of one target stay apart, each a group of its own. */
export function joinDrawn(parts: readonly Drawn[]): Drawn {
  if (parts.length === 1) return parts[0];
  const [{ batch }] = parts;
  let at = 0;
  const groups = parts.flatMap((p) => {
    const moved = p.groups.map((g) => ({ law: g.law, from: g.from + at, to: g.to + at }));
    at += p.batch.size;
    return moved;
  });
  return {
    batch: asTexts(batch.vocabulary, joinBatches(parts.map((p) => p.batch))),
    groups,
    laws: lawColumn(groups, at),
    logQ: concatenate(parts.map((p) => p.logQ)),
    logPrior: concatenate(parts.map((p) => p.logPrior)),
    logFactor: concatenate(parts.map((p) => p.logFactor)),
  };
}

/** Sequences `from … to` of a batch. */
export function rowsFrom(batch: SequenceBatch, from: number, to: number): SequenceBatch {
  if (from === 0 && to === batch.size) return batch;
  const start = batch.offsets[from];
  return {
    size: to - from,
    tokens: batch.tokens.subarray(start, batch.offsets[to]),
    offsets: batch.offsets.slice(from, to + 1).map((o) => o - start),
    finished: batch.finished.subarray(from, to),
  };
}

/** log density of each text under the law of its target. */
export function logUnder(laws: Laws, { batch, groups }: Drawn): Maybe<Float64Array> {
  const parts = groups.map((g) => laws[g.law].logProb(rowsFrom(batch, g.from, g.to)));
  return all(parts, (logs) => concatenate(logs));
}

/** log γ(x) = log prior(x) + Σ log φ(x). */
export const logGamma = (d: Drawn, i: number): number => d.logPrior[i] + d.logFactor[i];
