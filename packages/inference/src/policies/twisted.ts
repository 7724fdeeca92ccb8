import type { Capability } from '@postulate/graph';
import type { Chooser, DecodeSession, LanguageModel, SampledBatch, SequenceBatch } from '@postulate/models';
import { andThen, repeat, type Maybe } from '../bind/maybe.ts';
import { subSequences } from '../bind/sub-batch.ts';
import { packDrawn, type Drawn } from '../continuation/index.ts';
import { replayed } from '../rows/index.ts';
import type { Twist } from '../twists/index.ts';
import { policyId, possibleLength } from './sequences.ts';
import { twistedRows } from './twisted-rows.ts';

/**
 * q(x) = Π q(x_t | x₁…x_{t−1}) with q(v | s) ∝ prior(v | s) · ψ(s v)^strength, normalised token by token
 * (`algorithms.md` 6.1). With strength 1 and ψ the expectation itself it is the posterior. The twist answers at once.
 */
export function twistedPolicy(prior: LanguageModel, twist: Twist, strength: number): LanguageModel {
  const whole = strength === 1 ? twist.law : undefined;
  const capabilities: readonly Capability[] = ['sample', 'nextTokenScores', 'completeScore'];
  const { vocabulary, maxTokens } = prior;
  return {
    id: policyId(prior.id, `${twist.name}^${strength}`),
    vocabulary,
    maxTokens,
    capabilities: new Set(capabilities),
    open: (size) => openTwisted(prior, twist, strength, size),
    sample: (count, chooser) =>
      whole === undefined
        ? sampleByToken(prior, twist, strength, count, chooser)
        : packDrawn(
            Array.from({ length: count }, (_, i) => {
              const { tokens, finished } = whole.draw(chooser.split(i));
              return { tokens, finished, logProb: whole.logProb(tokens, finished) };
            }),
          ),
    logProb: (batch) =>
      whole === undefined
        ? scoreByToken(prior, twist, strength, batch)
        : Float64Array.from({ length: batch.size }, (_, i) =>
            possibleLength(batch, i, maxTokens)
              ? whole.logProb(batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]), batch.finished[i] === 1)
              : -Infinity,
          ),
  };
}

function openTwisted(prior: LanguageModel, twist: Twist, strength: number, size: number): DecodeSession {
  const width = prior.vocabulary.size + 1;
  const rows = twistedRows(prior.open(size), twist, strength, size);
  let out = new Float64Array(size * width);
  let stale = true;
  return {
    get logProbs() {
      if (stale) for (let i = 0; i * width < out.length; i++) rows.row(i, out.subarray(i * width, (i + 1) * width));
      stale = false;
      return out;
    },
    advance(tokens) {
      stale = true;
      return rows.advance(tokens);
    },
    reorder(ancestors) {
      stale = true;
      if (ancestors.length * width !== out.length) out = new Float64Array(ancestors.length * width);
      rows.reorder(ancestors);
    },
  };
}

/** Numbers in the rows of a batch that is decoded together. */
const BATCH_CELLS = 1 << 20;
const batchRows = (prior: LanguageModel): number =>
  Math.max(1, Math.min(256, Math.floor(BATCH_CELLS / (prior.vocabulary.size + 1))));

function sampleByToken(
  prior: LanguageModel,
  twist: Twist,
  strength: number,
  count: number,
  chooser: Chooser,
): Maybe<SampledBatch> {
  const drawn: Drawn[] = [];
  const step = (): Maybe<boolean> => {
    const size = Math.min(batchRows(prior), count - drawn.length);
    if (size <= 0) return false;
    const choosers = Array.from({ length: size }, (_, i) => chooser.split(drawn.length + i));
    return andThen(sampleRows(prior, twist, strength, choosers), (rows) => {
      drawn.push(...rows);
      return true;
    });
  };
  return andThen(repeat(step), () => packDrawn(drawn));
}

/** One text from each chooser, decoded together. */
function sampleRows(
  prior: LanguageModel,
  twist: Twist,
  strength: number,
  choosers: readonly Chooser[],
): Maybe<readonly Drawn[]> {
  const end = prior.vocabulary.size;
  const rows = twistedRows(prior.open(choosers.length), twist, strength, choosers.length);
  const texts = choosers.map(() => ({ tokens: [] as number[], finished: false, logProb: 0 }));
  let t = 0;
  const step = (): Maybe<boolean> => {
    if (t++ === prior.maxTokens || texts.every((x) => x.finished)) return false;
    const tokens = new Int32Array(texts.length).fill(end);
    texts.forEach((text, i) => {
      if (text.finished) return;
      const { token, logProb } = rows.draw(i, choosers[i]);
      tokens[i] = token;
      text.logProb += logProb;
      if (token === end) text.finished = true;
      else text.tokens.push(token);
    });
    return andThen(rows.advance(tokens), () => true);
  };
  return andThen(repeat(step), () => texts);
}

function scoreByToken(prior: LanguageModel, twist: Twist, strength: number, batch: SequenceBatch): Maybe<Float64Array> {
  const result = new Float64Array(batch.size).fill(-Infinity);
  const possible = Array.from({ length: batch.size }, (_, i) => i).filter((i) =>
    possibleLength(batch, i, prior.maxTokens),
  );
  let done = 0;
  const step = (): Maybe<boolean> => {
    const part = possible.slice(done, done + batchRows(prior));
    done += part.length;
    if (part.length === 0) return false;
    const scores = andThen(replayed(prior, subSequences(batch, part)), (session) =>
      scoreRows(session, twist, strength, batch, part),
    );
    return andThen(scores, (logs) => {
      part.forEach((i, k) => (result[i] = logs[k]));
      return true;
    });
  };
  return andThen(repeat(step), () => result);
}

function scoreRows(
  session: DecodeSession,
  twist: Twist,
  strength: number,
  batch: SequenceBatch,
  part: readonly number[],
): Maybe<Float64Array> {
  const rows = twistedRows(session, twist, strength, part.length);
  const end = session.logProbs.length / part.length - 1;
  const logs = new Float64Array(part.length);
  const law = new Float64Array(end + 1);
  let t = 0;
  const step = (): Maybe<boolean> => {
    const tokens = new Int32Array(part.length).fill(end);
    let open = false;
    part.forEach((i, k) => {
      const at = batch.offsets[i] + t;
      const ends = at === batch.offsets[i + 1];
      if (at > batch.offsets[i + 1] || (ends && batch.finished[i] === 0) || logs[k] === -Infinity) return;
      rows.row(k, law);
      const token = ends ? end : batch.tokens[at];
      logs[k] += token >= 0 && (token < end || ends) ? law[token] : -Infinity;
      tokens[k] = logs[k] === -Infinity ? end : token;
      open ||= !ends;
    });
    t++;
    return open ? andThen(rows.advance(tokens), () => true) : false;
  };
  return andThen(repeat(step), () => logs);
}
