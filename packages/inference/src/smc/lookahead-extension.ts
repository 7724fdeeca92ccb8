import type { Chooser } from '@postulate/models';
import { lookupOf, placeOf, samplerOf, slotAt, type Backward } from '../dp/index.ts';
import type { Extended, Extension } from './extension.ts';
import { gatherFloats, gatherIntegers } from '../numeric/index.ts';

/** log of the total weight of what can follow each (position, context, machine state); nats. */
function lookahead(b: Backward): (t: number, context: number, state: number) => number {
  return (t, h, s) => {
    const at = t * b.plan.states + s;
    const values = b.values[at];
    return values === undefined ? -Infinity : b.logScale[at] + Math.log(values[placeOf(slotAt(b, t, s), h)]);
  };
}

/**
 * The exact look-ahead of a finite-state prior under the factors that have automata: ψ(s) = E[φ | s], which one backward
 * pass gives for every prefix (`algorithms.md` 5.1, 11.1). The next token is drawn from the exact conditional without a row
 * over the vocabulary, so every prefix comes out with the same weight, and what is left to weigh are the other factors.
 */
export function lookaheadExtension(b: Backward, covered: readonly string[], exact: boolean): Extension {
  const { machine, prepared } = b;
  const { table, rawEnd, vocabularySize } = prepared;
  const after = lookahead(b);
  const sampler = samplerOf(b);
  const lookup = lookupOf(table);
  return {
    name: 'look-ahead',
    blame: covered.join(', '),
    exact,
    open(size) {
      let contexts = new Int32Array(size).fill(table.start);
      let states = new Int32Array(size).fill(machine.start);
      let outputs = new Float64Array(size);
      let ahead = new Float64Array(size).fill(after(0, table.start, machine.start));
      let t = 0;
      const cost = { modelCalls: 0, constraintCalls: 0 };
      const kill = (i: number, out: Extended): void => {
        out.tokens[i] = -1;
        out.logPrior[i] = out.logRatio[i] = -Infinity;
        out.logTwist[i] = 0;
      };
      const finish = (i: number, out: Extended): void => {
        const norm = table.norm?.[contexts[i]] ?? 1;
        out.logPrior[i] = Math.log(rawEnd[contexts[i]] / norm);
        out.logRatio[i] = ahead[i] - machine.finalEnd[states[i]];
        out.logTwist[i] = 0;
      };
      const move = (i: number, word: number, out: Extended): void => {
        const norm = table.norm?.[contexts[i]] ?? 1;
        const k = lookup.find(contexts[i], word);
        const arc = states[i] * machine.classes + machine.classOf[word];
        const gained = machine.output?.[arc] ?? 0;
        out.logPrior[i] = Math.log((lookup.factor * table.probs[k]) / norm);
        contexts[i] = table.targets[k];
        states[i] = machine.next[arc];
        outputs[i] += gained;
        const left = after(t + 1, contexts[i], states[i]);
        out.logRatio[i] = ahead[i] - gained - left;
        out.logTwist[i] = t + 1 === b.plan.maxTokens ? 0 : outputs[i] + left;
        ahead[i] = left;
      };
      const one = (i: number, chooser: Chooser, out: Extended): void => {
        if (ahead[i] === -Infinity) return kill(i, out);
        const word = (out.tokens[i] = sampler.next(t, contexts[i], states[i], chooser));
        return word === vocabularySize ? finish(i, out) : move(i, word, out);
      };
      return {
        cost,
        extend(live, choosers, out) {
          for (let i = 0; i < size; i++) {
            if (live[i] === 0) continue;
            one(i, choosers(i), out);
            cost.modelCalls++;
          }
          t++;
        },
        reorder(ancestors) {
          contexts = gatherIntegers(contexts, ancestors);
          states = gatherIntegers(states, ancestors);
          outputs = gatherFloats(outputs, ancestors);
          ahead = gatherFloats(ahead, ancestors);
        },
      };
    },
  };
}
