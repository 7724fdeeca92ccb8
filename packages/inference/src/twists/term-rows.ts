import { lookupOf, placeOf, slotAt, type Backward } from '../dp/index.ts';

/** log of output · B for every next token, and for the prefix itself, of one summand of the posterior. */
export interface TermRows {
  /** Writes log(exp(partial) · output · B(t + 1, ·)) of every next word and of the end; length V + 1. */
  next(t: number, state: number, context: number, partial: number, out: Float64Array): void;
  /** log(exp(partial) · B(t, context, state)). */
  value(t: number, state: number, context: number, partial: number): number;
  /** The context after a word; −1 where the word cannot follow. */
  target(context: number, word: number): number;
}

/** Rows without a parent from this length on are kept. */
const LONG_ROW = 1024;
/** Most numbers in kept rows. */
const KEPT = 8_000_000;

/** What each class leads to from one (position, state). */
interface Step {
  readonly logs: Float64Array;
  readonly sources: readonly (Float64Array | undefined)[];
  readonly slots: readonly (Int32Array | undefined)[];
}

export function termRows(b: Backward): TermRows {
  const { machine, plan, prepared, values, logScale } = b;
  const { table, vocabularySize: size, wordEnd, rawEnd } = prepared;
  const { rowStart, words, probs, targets, parent, backoff } = table;
  const lookup = lookupOf(table);
  // Where every context allows every word a living state has a positive value, however small it came out.
  const least = prepared.positive ? Math.log(Number.MIN_VALUE) : -Infinity;
  const logOf = (x: number): number => (x > 0 ? Math.log(x) : least);
  const steps = new Map<number, Step>();
  const kept = new Map<number, Float64Array>();

  const stepAt = (t: number, s: number): Step => {
    let step = steps.get(t * plan.states + s);
    if (step === undefined) steps.set(t * plan.states + s, (step = makeStep(t, s)));
    return step;
  };
  const makeStep = (t: number, s: number): Step => {
    const logs = new Float64Array(machine.classes).fill(-Infinity);
    const sources = new Array<Float64Array | undefined>(machine.classes).fill(undefined);
    const slots = new Array<Int32Array | undefined>(machine.classes).fill(undefined);
    for (let c = 0; c < machine.classes; c++) {
      const to = machine.next[s * machine.classes + c];
      const after = (t + 1) * plan.states + to;
      if (values[after] === undefined) continue;
      logs[c] = (machine.output?.[s * machine.classes + c] ?? 0) + logScale[after];
      // Settled states have the value 1 in every context: nothing is to be looked up.
      if (plan.kinds[after] !== 'live') continue;
      sources[c] = values[after];
      slots[c] = slotAt(b, t + 1, to);
    }
    return { logs, sources, slots };
  };
  const override = (step: Step, h: number, out: Float64Array): void => {
    for (let k = rowStart[h]; k < wordEnd[h]; k++) {
      const c = machine.classOf[words[k]];
      const source = step.sources[c];
      if (probs[k] === 0) out[words[k]] = -Infinity;
      else if (source === undefined) out[words[k]] = step.logs[c];
      else out[words[k]] = step.logs[c] + logOf(source[placeOf(step.slots[c], targets[k])]);
    }
  };
  /** The row of a context that has no parent, or passes nothing of it on. */
  const base = (t: number, s: number, h: number, out: Float64Array): void => {
    if (wordEnd[h] - rowStart[h] < LONG_ROW || (parent[h] !== -1 && backoff[h] === 0)) {
      out.fill(-Infinity, 0, size);
      override(stepAt(t, s), h, out);
      return;
    }
    const key = (t * plan.states + s) * prepared.contexts + h;
    let row = kept.get(key);
    if (row === undefined) {
      row = new Float64Array(size).fill(-Infinity);
      override(stepAt(t, s), h, row);
      if ((kept.size + 1) * size > KEPT) kept.clear();
      kept.set(key, row);
    }
    out.set(row);
  };

  return {
    next(t, s, context, partial, out) {
      const path: number[] = [context];
      for (let h = context; parent[h] !== -1 && backoff[h] !== 0;) path.push((h = parent[h]));
      if (t >= plan.maxTokens) out.fill(-Infinity, 0, size);
      else {
        base(t, s, path.pop()!, out);
        while (path.length > 0) override(stepAt(t, s), path.pop()!, out);
        if (partial !== 0) for (let w = 0; w < size; w++) out[w] += partial;
      }
      out[size] = t < plan.maxTokens && rawEnd[context] > 0 ? partial + machine.finalEnd[s] : -Infinity;
    },
    value(t, s, context, partial) {
      const at = t * plan.states + s;
      const v = values[at];
      return v === undefined ? -Infinity : partial + logScale[at] + logOf(v[placeOf(slotAt(b, t, s), context)]);
    },
    target(context, word) {
      const k = lookup.find(context, word);
      return k === -1 || lookup.factor * probs[k] === 0 ? -1 : targets[k];
    },
  };
}
