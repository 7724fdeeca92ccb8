import { fail } from '@postulate/graph';
import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { logSumExp } from '../../numeric/index.ts';
import type { Factor, Target } from '../../port/index.ts';
import { jointOf } from '../joint.ts';

/** Most numbers that the values of an automaton are worked out from. */
const MOST_ARCS = 1e8;

/** The factors that a guide knows. */
export const guidedFactors = (target: Target): readonly Factor[] => jointOf(target).included;

/** The automaton that a policy is guided by. Throws P600 where there is none. */
export function machineOf(target: Target): TokenMachine {
  const { prior, name } = target;
  const { machine, included, leftOut } = jointOf(target);
  const refuse = (reason: string): never => {
    throw fail('P600', `a policy towards ${name} cannot be guided: ${reason}`, { help: 'leave guide out.' });
  };
  if (included.length === 0) return refuse(leftOut[0]?.reason ?? 'it has no factor');
  if (machine.states * machine.classes * prior.maxTokens > MOST_ARCS) return refuse('its automaton is too large');
  return machine;
}

/** How likely each class of tokens, and last the end, is to be read next in each state: states × (classes + 1). */
type ArcLaw = Float64Array;

/**
 * Shares of the texts' tokens that were read in each state, shrunk towards those of all states, which weigh as one token does: no class
 * that has a token is ruled out.
 */
export function arcsOf(machine: TokenMachine, batch: SequenceBatch): ArcLaw {
  const { states, classes, classOf, next, start, vocabularySize } = machine;
  const width = classes + 1;
  const counts = new Float64Array(states * width);
  for (let i = 0; i < batch.size; i++) {
    let state = start;
    for (let k = batch.offsets[i]; k < batch.offsets[i + 1]; k++) {
      const c = classOf[batch.tokens[k]];
      counts[state * width + c]++;
      state = next[state * classes + c];
    }
    if (batch.finished[i] === 1) counts[state * width + classes]++;
  }
  // Everywhere, a token counts as seen once for every V + 1 that were.
  const all = new Float64Array(width);
  for (const c of classOf) all[c] += 1 / (vocabularySize + 1);
  all[classes] += 1 / (vocabularySize + 1);
  counts.forEach((n, k) => (all[k % width] += n));
  const total = all.reduce((a, b) => a + b, 0);
  for (let s = 0; s < states; s++) {
    let seen = 1;
    for (let c = 0; c < width; c++) seen += counts[s * width + c];
    for (let c = 0; c < width; c++) counts[s * width + c] = (counts[s * width + c] + all[c] / total) / seen;
  }
  return counts;
}

/** log E[what φ has still to come | t tokens read, state], as if the states were a Markov chain: (maxTokens + 1) × states, nats. */
export function expectedValues(machine: TokenMachine, arcs: ArcLaw, maxTokens: number): Float64Array {
  const { states, classes, next, output, finalEnd, finalStop } = machine;
  const width = classes + 1;
  const values = new Float64Array((maxTokens + 1) * states);
  values.set(finalStop, maxTokens * states);
  const logs = arcs.map(Math.log);
  const terms = new Float64Array(width);
  for (let t = maxTokens - 1; t >= 0; t--) {
    for (let s = 0; s < states; s++) {
      for (let c = 0; c < classes; c++) {
        const arc = s * classes + c;
        terms[c] = logs[s * width + c] + (output?.[arc] ?? 0) + values[(t + 1) * states + next[arc]];
      }
      terms[classes] = logs[s * width + classes] + finalEnd[s];
      values[t * states + s] = logSumExp(terms);
    }
  }
  return values;
}
