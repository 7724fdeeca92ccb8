import type { NodeOf } from '@postulate/graph';
import type { Frame, Values } from './frame.ts';
import { all, andThen } from './maybe.ts';

function rowsWhere(condition: Float64Array, wanted: boolean): Int32Array {
  const rows: number[] = [];
  for (let i = 0; i < condition.length; i++) if ((condition[i] !== 0) === wanted) rows.push(i);
  return Int32Array.from(rows);
}

/** `if … then … else …`: each branch sees only the texts that take it. `of` evaluates a branch in plain or log scale. */
export function chooseValues(frame: Frame, node: NodeOf<'choose'>, of: (frame: Frame, id: number) => Values): Values {
  return andThen(frame.value(node.condition), (condition) => {
    const yes = rowsWhere(condition, true);
    if (yes.length === frame.size) return of(frame, node.then);
    if (yes.length === 0) return of(frame, node.else);
    const no = rowsWhere(condition, false);
    return all([of(frame.part(yes), node.then), of(frame.part(no), node.else)], ([a, b]) => {
      const out = new Float64Array(frame.size);
      yes.forEach((row, i) => (out[row] = a[i]));
      no.forEach((row, i) => (out[row] = b[i]));
      return out;
    });
  });
}
