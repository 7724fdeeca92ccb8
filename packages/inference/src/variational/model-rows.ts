import type { LanguageModel, SequenceBatch } from '@postulate/models';
import { all, andThen, inTurn, type Maybe } from '../bind/maybe.ts';
import { choiceOffsets } from './choices.ts';
import { concatenate, rowsFrom } from './draw.ts';
import type { LawRows, RowsLaw } from '../port/index.ts';
import type { Drawn, Training } from './training.ts';

type Rows = Float32Array | Float64Array;

/** log p(v | prefix) at every choice of a batch, in one pass where the model can: choices × (V + 1), nats, in the order of `choiceOffsets`. */
export function modelRows(model: LanguageModel, batch: SequenceBatch): Maybe<Rows> {
  if (model.rows !== undefined) return model.rows(batch);
  const width = model.vocabulary.size + 1;
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size] * width);
  const session = model.open(batch.size);
  const longest = at.reduce((most, a, i) => (i === 0 ? most : Math.max(most, a - at[i - 1])), 0);
  const position = (t: number): Maybe<void> => {
    const logs = session.logProbs;
    const tokens = new Int32Array(batch.size);
    for (let i = 0; i < batch.size; i++) {
      if (t < at[i + 1] - at[i]) out.set(logs.subarray(i * width, (i + 1) * width), (at[i] + t) * width);
      const j = batch.offsets[i] + t;
      tokens[i] = j < batch.offsets[i + 1] ? batch.tokens[j] : width - 1;
    }
    return t + 1 === longest ? undefined : session.advance(tokens);
  };
  return andThen(inTurn(longest, position), () => out);
}

/** The same by target, each text under the law of its own; `settled` by choice. */
export function rowsUnder(laws: readonly RowsLaw[], { batch, groups }: Drawn, settled?: Uint8Array): Maybe<LawRows> {
  const at = choiceOffsets(batch);
  const parts = groups.map(({ law, from, to }) =>
    laws[law](rowsFrom(batch, from, to), settled?.subarray(at[from], at[to])),
  );
  return all(parts, (found): LawRows => {
    const known = found.map((f) => f.known);
    return {
      rows: concatenate(found.map((f) => f.rows)),
      ...(known.every((k) => k !== undefined) ? { known: concatenate(known) } : {}),
    };
  });
}

/** log prior(v | prefix) at every choice, each text under the prior of its target. */
export function priorRows(t: Training, drawn: Drawn): Maybe<Rows> {
  const laws = t.targets.map(({ prior }) => rowsOf(prior));
  return andThen(rowsUnder(laws, drawn), ({ rows }) => rows);
}

export const rowsOf =
  (model: LanguageModel): RowsLaw =>
  (batch) =>
    andThen(modelRows(model, batch), (rows) => ({ rows }));
