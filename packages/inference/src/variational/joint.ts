import { factorsOf } from '../bind/density.ts';
import type { Target } from '../port/index.ts';
import { jointMachine, type JointMachine } from '../twists/joint-machine.ts';

/** Most states of an automaton that is made to spare reading texts, or to guide by. */
const MOST_STATES = 5000;

const known = new WeakMap<Target, JointMachine>();

/** The automaton of a target's factors, as many as fit together. */
export function jointOf(target: Target): JointMachine {
  let joint = known.get(target);
  if (joint === undefined) {
    const { vocabulary, maxTokens } = target.prior;
    joint = jointMachine(factorsOf(target), vocabulary.size, { maxStates: MOST_STATES, maxTokens });
    known.set(target, joint);
  }
  return joint;
}
