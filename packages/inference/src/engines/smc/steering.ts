import { fail, nearestName } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { backwardTerms, blameByDp, termsOf, zeroMass, type DpLimits, type Problem } from '../../dp/index.ts';
import { isMachine } from '../../machine/index.ts';
import type { Factor, NoMachine, Request, Target } from '../../port/index.ts';
import {
  lookaheadExtension,
  priorExtension,
  proposalExtension,
  twistedExtension,
  type Extension,
} from '../../smc/index.ts';
import { TWIST_NAMES, twistFor, type TwistOptions } from '../../twists/index.ts';

/** What a backward pass over tables and automata may use. */
export const LIMITS: DpLimits = { maxStates: 20_000, maxMemoryMB: 4096 };

/** How particles are extended, and what it took to know. */
export interface Steering {
  readonly extension: Extension;
  /** Texts of the prior. */
  readonly modelCalls: number;
}

/** The twist asked for and what making it may use. */
export interface SteeringOptions extends Partial<TwistOptions> {
  readonly twist: string;
}

function finish<T>(work: Generator<unknown, T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/**
 * The exact look-ahead of a prior with one table under the factors that have automata, drawn from without rows over the
 * vocabulary; a reason where it takes the general one. @throws P403 where those factors leave no text.
 */
function sparseLookahead(target: Target): Extension | NoMachine {
  const { prior, name, named } = target;
  const { factors } = target.stages[0];
  const one = (f: Factor): boolean => isMachine(f.machine());
  const covered = factors.filter(one);
  if (prior.table === undefined) return { reason: 'the prior is not one table' };
  if (covered.length === 0 || factors.some((f) => !one(f) && f.parts !== undefined)) {
    return { reason: 'no automaton, or a sum of several' };
  }
  const sum = termsOf(prior, covered, { maxStates: LIMITS.maxStates, maxTokens: prior.maxTokens });
  if ('reason' in sum) return sum;
  const solved = finish(backwardTerms(sum, prior.maxTokens, LIMITS));
  if ('reason' in solved) return solved;
  const [{ b, logZ }] = solved;
  const problem: Problem = { name, prior, named, factors: covered };
  if (logZ === -Infinity) throw zeroMass(problem, finish(blameByDp(problem, LIMITS)));
  return lookaheadExtension(
    b,
    covered.map((f) => f.label),
    covered.length === factors.length,
  );
}

async function twisted(
  target: Target,
  options: SteeringOptions,
  request: Request,
  chooser: Chooser,
): Promise<Steering> {
  const twist = await twistFor(target, options.twist, options, chooser, request);
  const known = target.stages[0].factors.map((f) => f.label).filter((l) => !twist.leftOut.includes(l));
  // Rows of the prior need not be read where nothing steers.
  const extension =
    twist.name === 'none'
      ? priorExtension(target.prior)
      : twistedExtension(target.prior, twist, known.length > 0 ? known.join(', ') : undefined);
  // What a prefix has gathered is at the end what the factors say, if they are all in it.
  const weighs = twist.name === 'prefix' && twist.leftOut.length === 0;
  return { extension: { ...extension, weighs, surrogate: twist.surrogate }, modelCalls: twist.modelCalls };
}

/**
 * How particles are extended: from the law that the run proposes from, else steered by the twist that the options name.
 * The target has one stage. @throws P602 for a twist that there is not, P600 for one that cannot be had.
 */
export async function steeringFor(
  target: Target,
  options: SteeringOptions,
  request: Request,
  chooser: Chooser,
): Promise<Steering> {
  const name = options.twist;
  if (!TWIST_NAMES.includes(name)) {
    const guess = nearestName(name, TWIST_NAMES);
    throw fail('P602', `there is no twist "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`, {
      help: `twist is one of ${TWIST_NAMES.join(', ')}`,
      kind: 'usage',
    });
  }
  if (request.proposal !== undefined) {
    if (name === 'auto' || name === 'none')
      return { extension: proposalExtension(target.prior, request.proposal), modelCalls: 0 };
    throw fail('P602', `the twist ${name} proposes tokens itself: it goes with proposal = prior`, { kind: 'usage' });
  }
  if (name === 'none') return { extension: priorExtension(target.prior), modelCalls: 0 };
  if (name === 'auto' || name === 'lookahead') {
    const found = sparseLookahead(target);
    if (!('reason' in found)) return { extension: found, modelCalls: 0 };
  }
  return twisted(target, options, request, chooser);
}
