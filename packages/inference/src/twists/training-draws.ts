import type { Chooser, LanguageModel } from '@postulate/models';
import { logFactors } from '../bind/index.ts';
import { pickWeight } from '../chooser/index.ts';
import { openRows, type TokenRows } from '../rows/index.ts';
import { Followers } from './followers.ts';
import { logLinearTwist, type LogLinear } from './log-linear.ts';
import type { Twisted } from './options.ts';
import { successorRecord, type SuccessorRecord } from './successors.ts';
import { completeTexts, type Trajectories } from './trajectories.ts';
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

type Growing = { -readonly [K in keyof Trajectories]: Trajectories[K] };

function emptyTrajectories(size: number, maxTokens: number): Growing {
  const steps = size * maxTokens;
  return {
    ...{ size, maxTokens, tokens: new Int32Array(steps), states: new Int32Array(steps), successors: undefined },
    ...{ gathered: new Float64Array(steps), logRatio: new Float64Array(steps) },
    ...{ counts: new Int32Array(size), finished: new Uint8Array(size) },
    logWeight: new Float64Array(size).fill(-Infinity),
    rest: new Float64Array(size).fill(-Infinity),
  };
}

/**
 * Sequential importance sampling without resampling from the prior, or from the proposal q(v | s) ∝ prior(v | s) ψ(s v) of a
 * log-linear twist. A text whose automaton dies, or that nothing can follow, is given up: it has no weight.
 */
export async function drawTrajectories(
  { prior, factors }: Twisted,
  drawing: Drawing,
  chooser: Chooser,
): Promise<Trajectories> {
  const out = emptyTrajectories(drawing.size, prior.maxTokens);
  const record = drawing.successors ? successorRecord(drawing.model, out.tokens.length) : undefined;
  for (let from = 0; from < out.size; from += BATCH) {
    await drawBatch(prior, drawing, out, from, Math.min(BATCH, out.size - from), record, chooser.split(from));
  }
  out.successors = record?.all();
  const { numbers, texts } = completeTexts(out, prior);
  const { logFactor } = await logFactors(factors, texts);
  numbers.forEach((i, k) => {
    const at = i * out.maxTokens + out.counts[i] - 1;
    if (logFactor[k] === -Infinity) return;
    out.logWeight[i] = out.logRatio[at] + logFactor[k];
    out.rest[i] = logFactor[k] - out.gathered[at];
  });
  return out;
}

/** What one batch goes by. */
interface Batch {
  readonly rows: TokenRows;
  readonly twist: TwistSession;
  readonly by: Followers;
  readonly law: Float64Array;
  readonly psi: Float64Array;
  readonly logs: Float64Array;
  readonly weights: Float64Array;
  /** log prior − log proposal of each row so far. */
  readonly ratio: Float64Array;
  readonly live: Uint8Array;
  readonly record: SuccessorRecord | undefined;
}

async function drawBatch(
  prior: LanguageModel,
  drawing: Drawing,
  out: Growing,
  from: number,
  size: number,
  record: SuccessorRecord | undefined,
  chooser: Chooser,
): Promise<void> {
  const { model } = drawing;
  const room = (): Float64Array => new Float64Array(prior.vocabulary.size + 1);
  const b: Batch = {
    ...{ rows: openRows(prior, size), twist: logLinearTwist('training', model).open(size), record },
    ...{
      by: new Followers(model.machine, model.maxTokens, size),
      law: room(),
      psi: room(),
      logs: room(),
      weights: room(),
    },
    ...{ ratio: new Float64Array(size), live: new Uint8Array(size).fill(1) },
  };
  const tokens = new Int32Array(size);
  for (let t = 0; t < out.maxTokens && b.live.includes(1); t++) {
    if (t > 0) {
      await b.rows.advance(tokens);
      await b.twist.advance(tokens);
      b.by.advance(tokens);
    }
    for (let i = 0; i < size; i++) tokens[i] = b.live[i] === 1 ? drawToken(b, drawing, out, from, i, t, chooser) : 0;
    await drawing.breathe();
  }
}

/** Draws one token of a live row and notes the step; what a row that stops here is given next does not matter. */
function drawToken(
  b: Batch,
  drawing: Drawing,
  out: Growing,
  from: number,
  i: number,
  t: number,
  chooser: Chooser,
): number {
  const at = (from + i) * out.maxTokens + t;
  const token =
    drawing.twisted || b.record !== undefined ? drawRow(b, drawing, i, at, chooser) : b.rows.draw(i, chooser);
  if (token < 0) return (b.live[i] = 0);
  const { machine: m, alive } = drawing.model;
  const ends = token === m.vocabularySize;
  const arc = b.by.state[i] * m.classes + (ends ? 0 : m.classOf[token]);
  const state = ends ? b.by.state[i] : m.next[arc];
  const stops = t + 1 === out.maxTokens;
  out.tokens[at] = token;
  out.states[at] = state;
  out.logRatio[at] = b.ratio[i];
  out.gathered[at] =
    b.by.partial[i] + (ends ? m.finalEnd[state] : (m.output?.[arc] ?? 0) + (stops ? m.finalStop[state] : 0));
  const dead = out.gathered[at] === -Infinity || (!ends && alive[(t + 1) * m.states + state] !== 1);
  if (dead) return (b.live[i] = 0);
  out.counts[from + i]++;
  if (ends) out.finished[from + i] = 1;
  if (ends || stops) b.live[i] = 0;
  return ends ? 0 : token;
}

/** Draws from the row of the law that is proposed from, written out; −1 where it has no mass. */
function drawRow(b: Batch, { twisted }: Drawing, i: number, at: number, chooser: Chooser): number {
  const { law, psi, logs, weights, by } = b;
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
