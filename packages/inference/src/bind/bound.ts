import type { BackoffTable, LanguageModel, TokenMachine } from '@postulate/models';
import { denseTable } from './model-machine.ts';

/** Most steps of the joint recursion over contexts and states; beyond it contexts are left out. */
const MAX_WORK = 20_000_000;

/** Max-plus recursion backwards from the forced stop: the largest value over the texts that can be produced. */
function recursion(
  machine: TokenMachine,
  maxTokens: number,
  contexts: number,
  arcs: (context: number) => { readonly classes: Int32Array; readonly targets: Int32Array; readonly ends: boolean },
  start: number,
): number {
  const { states, next, output, classes } = machine;
  const rows = Array.from({ length: contexts }, (_, h) => arcs(h));
  let best = new Float64Array(contexts * states);
  for (let h = 0; h < contexts; h++) best.set(machine.finalStop, h * states);
  for (let t = maxTokens - 1; t >= 0; t--) {
    const now = new Float64Array(contexts * states).fill(-Infinity);
    for (let h = 0; h < contexts; h++) {
      const row = rows[h];
      for (let s = 0; s < states; s++) {
        let max = row.ends ? machine.finalEnd[s] : -Infinity;
        for (let k = 0; k < row.classes.length; k++) {
          const arc = s * classes + row.classes[k];
          const after = best[row.targets[k] * states + next[arc]];
          const value = output === undefined ? after : output[arc] + after;
          if (value > max) max = value;
        }
        now[h * states + s] = max;
      }
    }
    best = now;
  }
  return best[start * states + machine.start];
}

/** Over every (context, state, position): exactly the texts of the prior. */
function jointBound(machine: TokenMachine, table: BackoffTable, maxTokens: number): number | undefined {
  const dense = denseTable(table);
  if (!dense || dense.logProbs.length * machine.states * maxTokens > MAX_WORK) return undefined;
  const { columns } = dense;
  const arcs = (h: number) => {
    const classes: number[] = [];
    const targets: number[] = [];
    for (let w = 0; w < columns - 1; w++) {
      if (dense.logProbs[h * columns + w] === -Infinity) continue;
      classes.push(machine.classOf[w]);
      targets.push(dense.targets[h * columns + w]);
    }
    const ends = dense.logProbs[h * columns + columns - 1] > -Infinity;
    return { classes: Int32Array.from(classes), targets: Int32Array.from(targets), ends };
  };
  return recursion(machine, maxTokens, dense.contexts, arcs, table.start);
}

/** Classes of the tokens that some context of the prior can produce, all of them where that is not known. */
function producible(machine: TokenMachine, table: BackoffTable | undefined): { classes: Int32Array; ends: boolean } {
  if (!table) return { classes: Int32Array.from({ length: machine.classes }, (_, c) => c), ends: true };
  const found = new Set<number>();
  let ends = false;
  for (let k = 0; k < table.words.length; k++) {
    if (table.probs[k] === 0) continue;
    if (table.words[k] === table.vocabularySize) ends = true;
    else found.add(machine.classOf[table.words[k]]);
  }
  return { classes: Int32Array.from(found), ends };
}

/**
 * A proved upper bound of a machine's value over the texts that a prior can produce: the maximum over token paths of
 * at most `maxTokens` steps, restricted to what the prior's contexts allow where they are few, else to its tokens.
 */
export function machineUpperBound(machine: TokenMachine, prior: LanguageModel): number {
  const joint = prior.table && jointBound(machine, prior.table, prior.maxTokens);
  if (joint !== undefined) return joint;
  const { classes, ends } = producible(machine, prior.table);
  const targets = new Int32Array(classes.length);
  return recursion(machine, prior.maxTokens, 1, () => ({ classes, targets, ends }), 0);
}
