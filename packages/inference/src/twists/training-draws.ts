import type { Chooser } from '@postulate/models';
import { logFactors } from '../bind/index.ts';
import { pickWeight } from '../chooser/index.ts';
import { openRows, type TokenRows } from '../rows/index.ts';
import { Followers } from './followers.ts';
import { logLinearTwist, type LogLinear } from './log-linear.ts';
import type { Twisted } from './options.ts';
import { successorRecord, type SuccessorRecord } from './successors.ts';
import { completeTexts, emptyTrajectories, type Growing, type Trajectories } from './trajectories.ts';
import type { TwistSession } from './twist.ts';

/** How texts to train on are drawn. */
export interface Drawing {
  readonly model: LogLinear;
  readonly size: number;
  /** Whether tokens are drawn from q ∝ prior · ψ; else from the prior. */
  readonly twisted: boolean;
  /** Whether what could have followed is kept. */
  readonly successors: boolean;
  /** Lets other work in between; throws when stopped. */
  readonly breathe: () => Promise<void> | undefined;
}

/** Rows of the prior that are decoded side by side. */
const BATCH = 256;

/**
 * Sequential importance sampling without resampling from the prior, or from the proposal q(v | s) ∝ prior(v | s) ψ(s v) of a
 * log-linear twist. A text whose automaton dies, or that nothing can follow, is given up: it has no weight.
 */
export async function drawTrajectories(target: Twisted, drawing: Drawing, chooser: Chooser): Promise<Trajectories> {
  const { prior } = target;
  const out = emptyTrajectories(drawing.size, prior.maxTokens);
  const record = drawing.successors ? successorRecord(drawing.model, out.tokens.length) : undefined;
  for (let from = 0; from < out.size; from += BATCH) {
    await drawBatch(openBatch(target, drawing, { out, record, from }, chooser.split(from)));
  }
  out.successors = record?.all();
  const { numbers, texts } = completeTexts(out, prior);
  const { logFactor } = await logFactors(target.factors, texts);
  numbers.forEach((i, k) => {
    const at = i * out.maxTokens + out.counts[i] - 1;
    if (logFactor[k] === -Infinity) return;
    out.logWeight[i] = out.logRatio[at] + logFactor[k];
    out.rest[i] = logFactor[k] - out.gathered[at];
  });
  return out;
}

/** Where a batch's texts go: row i of it is text `from` + i. */
interface Place {
  readonly out: Growing;
  readonly record: SuccessorRecord | undefined;
  readonly from: number;
}

/** Texts that are drawn side by side. */
interface Batch extends Place, Pick<Drawing, 'model' | 'twisted' | 'breathe'> {
  readonly size: number;
  readonly chooser: Chooser;
  readonly rows: TokenRows;
  readonly twist: TwistSession;
  readonly by: Followers;
  /** log prior − log proposal of each row so far. */
  readonly ratio: Float64Array;
  readonly live: Uint8Array;
  /** Room for a row of the prior, of ψ, of the law drawn from in logs and in the plain scale. */
  readonly law: Float64Array;
  readonly psi: Float64Array;
  readonly logs: Float64Array;
  readonly weights: Float64Array;
}

function openBatch({ prior }: Twisted, drawing: Drawing, place: Place, chooser: Chooser): Batch {
  const { model, twisted, breathe } = drawing;
  const size = Math.min(BATCH, drawing.size - place.from);
  const room = (): Float64Array => new Float64Array(prior.vocabulary.size + 1);
  return {
    ...{ ...place, model, twisted, breathe, size, chooser },
    ...{ rows: openRows(prior, size), twist: logLinearTwist('training', model).open(size) },
    ...{ by: new Followers(model.machine, model.maxTokens, size), ratio: new Float64Array(size) },
    ...{ live: new Uint8Array(size).fill(1), law: room(), psi: room(), logs: room(), weights: room() },
  };
}

async function drawBatch(b: Batch): Promise<void> {
  const tokens = new Int32Array(b.size);
  for (let t = 0; t < b.model.maxTokens && b.live.includes(1); t++) {
    if (t > 0) {
      await b.rows.advance(tokens);
      await b.twist.advance(tokens);
      b.by.advance(tokens);
    }
    // What a row that has stopped is given does not matter.
    for (let i = 0; i < b.size; i++) tokens[i] = b.live[i] === 1 ? Math.max(0, drawToken(b, i, t)) : 0;
    await b.breathe();
  }
}

/** Draws one token of a live row and notes the step, unless the text is given up; −1 where the row goes no further. */
function drawToken(b: Batch, i: number, t: number): number {
  const { out, model } = b;
  const { machine: m, alive } = model;
  const at = (b.from + i) * out.maxTokens + t;
  const written = b.twisted || b.record !== undefined;
  const token = written ? drawRow(b, i, at) : b.rows.draw(i, b.chooser);
  b.live[i] = 0;
  if (token < 0) return -1;
  const ends = token === m.vocabularySize;
  const stops = t + 1 === out.maxTokens;
  const arc = b.by.state[i] * m.classes + (ends ? 0 : m.classOf[token]);
  const state = ends ? b.by.state[i] : m.next[arc];
  const gathered = ends ? m.finalEnd[state] : (m.output?.[arc] ?? 0) + (stops ? m.finalStop[state] : 0);
  if (gathered === -Infinity || (!ends && alive[(t + 1) * m.states + state] !== 1)) return -1;
  out.tokens[at] = token;
  out.states[at] = state;
  out.logRatio[at] = b.ratio[i];
  out.gathered[at] = b.by.partial[i] + gathered;
  out.counts[b.from + i]++;
  out.finished[b.from + i] = ends ? 1 : 0;
  if (ends || stops) return -1;
  b.live[i] = 1;
  return token;
}

/** Draws from the row of the law that is proposed from, written out; −1 where it has no mass. */
function drawRow(b: Batch, i: number, at: number): number {
  const { law, psi, logs, weights, by, twisted, chooser } = b;
  b.rows.fill(i, law);
  void b.twist.next(i, psi);
  let max = -Infinity;
  for (let v = 0; v < law.length; v++) {
    logs[v] = !twisted ? law[v] : psi[v] === -Infinity ? psi[v] : law[v] + psi[v];
    if (logs[v] > max) max = logs[v];
  }
  if (max === -Infinity) return -1;
  let total = 0;
  for (let v = 0; v < law.length; v++) total += weights[v] = Math.exp(logs[v] - max);
  if (by.t > 0) {
    const prefix = { t: by.t, state: by.state[i], context: b.rows.context?.(i) };
    b.record?.add(at - 1, prefix, law, { weights, total });
  }
  const token = chooser.uniform ? pickWeight(weights, law.length, total, chooser.uniform()) : chooser.choose(logs);
  if (twisted) b.ratio[i] += max + Math.log(total) - psi[token];
  return token;
}
