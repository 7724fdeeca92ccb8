import { all, type Maybe } from '../bind/maybe.ts';
import { rowsFrom } from './draw.ts';
import { modelRows } from './reference-rows.ts';
import type { Drawn, Training } from './training.ts';

/** log prior(v | prefix) at every choice, each text under the prior of its target: choices × (V + 1), nats. */
export function priorRows(t: Training, { batch, groups }: Drawn): Maybe<Float64Array> {
  const parts = groups.map((g) => modelRows(t.targets[g.law].prior, rowsFrom(batch, g.from, g.to)));
  return all(parts, (rows) => {
    if (rows.length === 1) return rows[0];
    const out = new Float64Array(rows.reduce((n, r) => n + r.length, 0));
    let at = 0;
    for (const r of rows) {
      out.set(r, at);
      at += r.length;
    }
    return out;
  });
}
