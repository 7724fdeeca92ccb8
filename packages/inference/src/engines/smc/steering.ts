import { fail } from '@postulate/graph';
import { backwardTerms, blameByDp, termsOf, zeroMass, type DpLimits, type Problem } from '../../dp/index.ts';
import { isMachine } from '../../machine/index.ts';
import type { Factor, NoMachine, Request, Target } from '../../port/index.ts';
import { lookaheadExtension, priorExtension, proposalExtension, type Extension } from '../../smc/index.ts';

/** What a backward pass over tables and automata may use. */
export const LIMITS: DpLimits = { maxStates: 20_000, maxMemoryMB: 1024 };

const TWISTS = ['auto', 'none', 'lookahead'];

function finish<T>(work: Generator<unknown, T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** The exact look-ahead for some factors; a reason where it cannot be had. @throws P403 where they leave no text. */
function lookaheadFor(target: Target, covered: readonly Factor[], all: boolean): Extension | NoMachine {
  const { prior, name, named } = target;
  const sum = termsOf(prior, covered, { maxStates: LIMITS.maxStates, maxTokens: prior.maxTokens });
  if ('reason' in sum) return sum;
  if (sum.terms.length !== 1 || prior.table === undefined) return { reason: 'the posterior is a sum of products' };
  const solved = finish(backwardTerms(sum, prior.maxTokens, LIMITS));
  if ('reason' in solved) return solved;
  const [{ b, logZ }] = solved;
  const problem: Problem = { name, prior, named, factors: covered };
  if (logZ === -Infinity) throw zeroMass(problem, finish(blameByDp(problem, LIMITS)));
  const labels = covered.map((f) => f.label);
  return lookaheadExtension(b, labels, all);
}

/** The exact look-ahead for every factor that has an automaton, else for the events among them. */
function lookahead(target: Target): Extension | NoMachine {
  const { factors } = target.stages[0];
  const regular = factors.filter((f) => isMachine(f.machine()));
  if (regular.length === 0 && factors.length > 0) return { reason: 'no factor has an automaton' };
  const found = lookaheadFor(target, regular, regular.length === factors.length);
  if (!('reason' in found)) return found;
  const events = regular.filter((f) => f.capabilities.has('boolean'));
  return events.length === 0 || events.length === regular.length ? found : lookaheadFor(target, events, false);
}

/**
 * How particles are extended: from the law that the run proposes from, else steered by the twist that the options name.
 * The target has one stage. @throws P602 for a twist that there is not, P600 for one that cannot be had.
 */
export function extensionFor(target: Target, twist: string, request: Request): Extension {
  if (!TWISTS.includes(twist)) {
    throw fail('P602', `there is no twist "${twist}"`, { help: `twist is one of ${TWISTS.join(', ')}`, kind: 'usage' });
  }
  if (request.proposal !== undefined) {
    if (twist === 'lookahead') {
      throw fail('P602', 'the exact look-ahead draws tokens itself: it goes with proposal = prior', { kind: 'usage' });
    }
    return proposalExtension(target.prior, request.proposal);
  }
  if (twist === 'none') return priorExtension(target.prior);
  const found = lookahead(target);
  if (!('reason' in found)) return found;
  if (twist === 'auto') return priorExtension(target.prior);
  throw fail('P600', `there is no exact look-ahead for ${target.name}: ${found.reason}`, {
    help: 'use --option twist=auto or none',
  });
}
