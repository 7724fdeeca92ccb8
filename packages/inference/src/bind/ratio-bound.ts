import type { BackoffTable, LanguageModel, TokenMachine } from '@postulate/models';
import { isMachine, sumMachines, DEFAULT_MAX_STATES } from '../machine/index.ts';
import type { NoMachine, Target } from '../port/index.ts';
import { factorsOf } from './density.ts';
import { denseTable, type DenseTable } from './model-machine.ts';

/** Most arcs of the recursion. */
const MAX_WORK = 50_000_000;

interface Tables {
  readonly prior: DenseTable;
  readonly law: DenseTable;
  readonly priorTable: BackoffTable;
  readonly lawTable: BackoffTable;
}

function tablesOf(prior: LanguageModel, law: LanguageModel): Tables | undefined {
  const [a, b] = [prior.table, law.table].map((t) => (t === undefined ? undefined : denseTable(t)));
  return a === undefined || b === undefined
    ? undefined
    : { prior: a, law: b, priorTable: prior.table!, lawTable: law.table! };
}

/** The largest log γ − log q over the texts of a prior, forwards over pairs of contexts and the states of log φ. */
function largest(t: Tables, machine: TokenMachine | undefined, maxTokens: number): number | NoMachine {
  const { columns } = t.prior;
  const states = machine?.states ?? 1;
  let layer = new Map<number, number>();
  const keyOf = (h: number, g: number, s: number): number => (h * t.law.contexts + g) * states + s;
  layer.set(keyOf(t.priorTable.start, t.lawTable.start, machine?.start ?? 0), 0);
  let best = -Infinity;
  for (let i = 0; i < maxTokens; i++) {
    if (layer.size * columns * (maxTokens - i) > MAX_WORK) return { reason: 'the tables are too large' };
    const next = new Map<number, number>();
    for (const [key, value] of layer) {
      const s = key % states;
      const pair = (key - s) / states;
      const g = pair % t.law.contexts;
      const h = (pair - g) / t.law.contexts;
      for (let w = 0; w < columns; w++) {
        const log = t.prior.logProbs[h * columns + w];
        if (log === -Infinity) continue;
        const ratio = value + log - t.law.logProbs[g * columns + w];
        if (w === columns - 1) {
          best = Math.max(best, ratio + (machine?.finalEnd[s] ?? 0));
          continue;
        }
        const arc = machine === undefined ? 0 : s * machine.classes + machine.classOf[w];
        const after = ratio + (machine?.output?.[arc] ?? 0);
        if (after === -Infinity) continue;
        const [h2, g2] = [t.prior.targets[h * columns + w], Math.max(0, t.law.targets[g * columns + w])];
        const to = keyOf(h2, g2, machine?.next[arc] ?? 0);
        if (after > (next.get(to) ?? -Infinity)) next.set(to, after);
      }
    }
    layer = next;
  }
  for (const [key, value] of layer) best = Math.max(best, value + (machine?.finalStop[key % states] ?? 0));
  return best;
}

/**
 * A proved upper bound of log γ(x) − log q(x) over all texts, where prior and q are tables and the factors have automata: the largest
 * value that dynamic programming finds, with slack for rounding. `Infinity` where q gives no mass to a text of the posterior.
 */
export function ratioBound(target: Target, law: LanguageModel): number | NoMachine {
  const tables = tablesOf(target.prior, law);
  if (tables === undefined) return { reason: 'the prior or the proposal is not a table of moderate size' };
  const terms = [];
  for (const f of factorsOf(target)) {
    const machine = f.machine();
    if (!isMachine(machine)) return { reason: `${f.label} has no automaton: ${machine.reason}` };
    terms.push({ machine, coefficient: 1 });
  }
  const budget = { maxStates: DEFAULT_MAX_STATES, maxTokens: target.prior.maxTokens };
  const sum = terms.length === 0 ? undefined : sumMachines(terms, 0, budget);
  if (sum !== undefined && !isMachine(sum)) return sum;
  const found = largest(tables, sum, target.prior.maxTokens);
  return typeof found === 'number' && Number.isFinite(found) ? found + 1e-10 * (1 + Math.abs(found)) : found;
}
