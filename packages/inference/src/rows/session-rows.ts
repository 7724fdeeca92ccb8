import type { LanguageModel } from '@postulate/models';
import { chooseLog } from './choose-log.ts';
import type { TokenRows } from './token-rows.ts';

/** Rows of a model that can only be decoded. */
export function sessionRows(model: LanguageModel, size: number): TokenRows {
  const session = model.open(size);
  const width = model.vocabulary.size + 1;
  let logs: Float32Array | Float64Array | undefined;
  // A session may work its rows out when they are read, and again each time.
  const all = (): Float32Array | Float64Array => (logs ??= session.logProbs);
  return {
    draw: (row, chooser) => chooseLog(all().subarray(row * width, (row + 1) * width), chooser),
    logProb: (row, token) => all()[row * width + token],
    fill(row, out) {
      out.set(all().subarray(row * width, (row + 1) * width));
    },
    advance(tokens) {
      logs = undefined;
      return session.advance(tokens);
    },
    reorder(ancestors) {
      logs = undefined;
      session.reorder(ancestors);
    },
  };
}
