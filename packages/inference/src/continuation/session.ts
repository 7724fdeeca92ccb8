import type { Chooser, DecodeSession, LanguageModel, SampledBatch } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';
import type { Continuation } from './continuation.ts';
import { packDrawn } from './drawn.ts';

/** Texts on their way: all are at the same position, those that have ended stand still. */
interface Rows {
  readonly session: DecodeSession;
  readonly end: number;
  readonly maxTokens: number;
  readonly prefixes: readonly Int32Array[];
  readonly choosers: readonly Chooser[];
  readonly tokens: number[][];
  readonly finished: boolean[];
  readonly logProbs: Float64Array;
}

/** Gives each row that has not ended its next token, the known one or a drawn one; false where all have ended. */
function extend(r: Rows, at: number, next: Int32Array): boolean {
  const laws = r.session.logProbs;
  const width = r.end + 1;
  let going = false;
  r.tokens.forEach((tokens, i) => {
    if (r.finished[i]) return;
    const law = laws.subarray(i * width, (i + 1) * width);
    const word = at < r.prefixes[i].length ? r.prefixes[i][at] : r.choosers[i].choose(law);
    r.logProbs[i] += law[word];
    if (word === r.end) r.finished[i] = true;
    else {
      tokens.push(word);
      going = true;
    }
    next[i] = word;
  });
  return going;
}

function completed(r: Rows): SampledBatch {
  return packDrawn(r.tokens.map((tokens, i) => ({ tokens, finished: r.finished[i], logProb: r.logProbs[i] })));
}

function goOn(r: Rows, from: number): Maybe<SampledBatch> {
  const next = new Int32Array(r.tokens.length);
  for (let at = from; at < r.maxTokens; at++) {
    if (!extend(r, at, next) || at + 1 === r.maxTokens) break;
    const waiting = r.session.advance(next);
    if (waiting instanceof Promise) return waiting.then(() => goOn(r, at + 1));
  }
  return completed(r);
}

/** One session for all texts of a call, token by token; waits only where the model does. */
export function sessionContinuation(prior: LanguageModel): Continuation {
  return (prefixes, choosers) =>
    goOn(
      {
        session: prior.open(prefixes.length),
        end: prior.vocabulary.size,
        maxTokens: prior.maxTokens,
        prefixes,
        choosers,
        tokens: prefixes.map(() => []),
        finished: prefixes.map(() => false),
        logProbs: new Float64Array(prefixes.length),
      },
      0,
    );
}
