import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { factorsOf } from '../bind/density.ts';
import { isTabulated, type Tabulated } from '../dp/index.ts';
import { whole } from '../options/index.ts';
import type { NoMachine, Preparing, Progress, Target } from '../port/index.ts';
import { breather } from './breathe.ts';
import { jointMachine, type LeftOut } from './joint-machine.ts';
import { learnedTwist } from './learned.ts';
import { logLinearTwist } from './log-linear.ts';
import { hasMachines, makeLookahead } from './make-lookahead.ts';
import { noTwist } from './none.ts';
import { TWIST_DEFAULTS, type TwistOptions, type Twisted, USUAL_DRAWS } from './options.ts';
import { prefixTwist } from './prefix.ts';
import { priorDraws } from './prior-draws.ts';
import { effectiveTexts } from './seen.ts';
import { surrogateTable } from './surrogate-table.ts';
import { trainTwist, type TrainingGoal } from './train.ts';
import type { PreparedTwist, Twist } from './twist.ts';

/** Names that `twistFor` knows. */
export const TWIST_NAMES: readonly string[] = [
  'none',
  'prefix',
  'lookahead',
  'learned',
  'contrastive',
  'soft-value',
  'auto',
];

/** Everything that making a twist needs. */
interface Making extends Twisted {
  readonly name: string;
  readonly options: TwistOptions;
  readonly chooser: Chooser;
  readonly signal: AbortSignal | undefined;
  readonly tell: ((message: string) => void) | undefined;
}

/**
 * The twist of a name for a target whose moments are fitted (others are left out of the twist). Randomness is that of
 * `chooser` alone. Throws P602 for an unknown name, P600 where the twist asked for cannot be had, and the signal's reason.
 */
export async function twistFor(
  target: Target,
  name: string,
  options: Partial<TwistOptions>,
  chooser: Chooser,
  { signal, tell }: Preparing = {},
): Promise<PreparedTwist> {
  const making: Making = {
    prior: target.prior,
    factors: factorsOf(target),
    complete: target.stages.every((s) => s.moments.length === 0),
    name: target.name,
    options: { ...TWIST_DEFAULTS, ...options },
    chooser,
    signal,
    tell,
  };
  switch (name) {
    case 'none':
      return none(making, 'none: texts are proposed from the prior');
    case 'prefix':
      return prefix(making);
    case 'lookahead': {
      const made = await lookahead(making);
      return 'open' in made ? made : refuse(making, name, made);
    }
    case 'learned':
      return learned(making);
    case 'contrastive':
    case 'soft-value':
      return trained(making, name);
    case 'auto':
      return automatic(making);
    default:
      throw fail('P602', `there is no twist "${name}"`, {
        help: `twist is one of ${TWIST_NAMES.join(', ')}`,
        kind: 'usage',
      });
  }
}

function refuse({ name }: Making, twist: string, { reason }: NoMachine): never {
  throw fail('P600', `the twist ${twist} cannot be had for ${name}: ${reason}`, {
    help: 'try the twist auto or learned, or none.',
  });
}

interface Made {
  readonly reason: string;
  readonly modelCalls?: number;
  readonly leftOut?: readonly LeftOut[];
}

function prepared(twist: Twist, { reason, modelCalls = 0, leftOut = [] }: Made): PreparedTwist {
  const labels = leftOut.map((l) => l.factor.label);
  const without = labels.length === 0 ? '' : `; it knows nothing of ${labels.join(', ')} before a text is complete`;
  return { ...twist, reason: reason + without, modelCalls, leftOut: labels };
}

function none({ prior, factors, complete }: Making, reason: string): PreparedTwist {
  const leftOut = factors.map((factor) => ({ factor, reason }));
  return prepared(noTwist(prior.vocabulary.size, complete && factors.length === 0), { reason, leftOut });
}

function prefix(making: Making, why = ''): PreparedTwist {
  const { prior, factors, options, complete } = making;
  const budget = { maxStates: options.maxStates, maxTokens: prior.maxTokens };
  const joint = jointMachine(factors, prior.vocabulary.size, budget);
  if (joint.machine.states * (prior.maxTokens + 1) > MAX_ALIVE) {
    return none(making, `none: ${why}the table of living states has more than ${MAX_ALIVE} entries`);
  }
  const twist = prefixTwist(joint.machine, prior.maxTokens, complete && factors.length === 0);
  return prepared(twist, { reason: `prefix: ${why}what the automata have gathered so far`, leftOut: joint.leftOut });
}

/** Most entries of the table of living states. */
const MAX_ALIVE = 50_000_000;

/** The look-ahead on the prior's own tables, or on an n-gram table of draws of the prior; a reason where there is none. */
async function lookahead(making: Making): Promise<PreparedTwist | NoMachine> {
  const { prior, factors, options } = making;
  if (isTabulated(prior)) {
    const made = await running(makeLookahead(making, prior, options), making.signal);
    if ('reason' in made) return made;
    const reason = 'lookahead: what every prefix is worth, by dynamic programming over the prior and the automata';
    return prepared(made.twist, { reason, leftOut: made.leftOut });
  }
  if (!hasMachines(factors)) return { reason: 'no factor has an automaton' };
  const { surrogateDraws: asked, surrogateOrder: order } = options;
  const chooser = making.chooser.split('surrogate');
  const count = asked === 0 ? USUAL_DRAWS.surrogate : { many: asked, few: asked };
  const batch = await priorDraws({ ...making, chooser }, count, 'a table to look ahead by');
  const { vocabulary } = prior;
  const draws = batch.size;
  const tables: Tabulated = { vocabulary, table: surrogateTable(batch, vocabulary.size, order) };
  const made = await running(makeLookahead(making, tables, options), making.signal);
  if ('reason' in made) return made;
  const reason = `lookahead: what every prefix is worth under a table of order ${order} fitted on ${draws} texts of the prior`;
  const known = factors.filter((f) => !made.leftOut.some((l) => l.factor === f));
  const { machine } = jointMachine(known, vocabulary.size, {
    maxStates: options.maxStates,
    maxTokens: prior.maxTokens,
  });
  const surrogate = { texts: draws, seen: effectiveTexts(machine, batch) };
  return { ...prepared(made.twist, { reason, modelCalls: draws, leftOut: made.leftOut }), surrogate };
}

async function learned(making: Making): Promise<PreparedTwist> {
  const { prior, factors, options, chooser } = making;
  const budget = { maxStates: options.maxStates, maxTokens: prior.maxTokens };
  const joint = jointMachine(factors, prior.vocabulary.size, budget);
  const asked = options.learnedDraws;
  const count = asked === 0 ? USUAL_DRAWS.learned : { many: asked, few: asked };
  const batch = await priorDraws({ ...making, chooser: chooser.split('learned') }, count, 'a twist to learn');
  const draws = batch.size;
  const twist = await learnedTwist(making, joint, batch);
  const reason = `learned: mean weights by position, automaton state and last token over ${draws} texts of the prior`;
  return prepared(twist, { reason, modelCalls: draws });
}

async function trained(making: Making, goal: TrainingGoal): Promise<PreparedTwist> {
  const { prior, factors, options, chooser, signal } = making;
  for (const count of ['learnedDraws', 'learnedRounds', 'learnedUpdates'] as const) whole(count, options[count]);
  const rate = options.learnedRate;
  if (!(rate > 0 && rate <= 1)) throw fail('P602', `learnedRate lies in (0, 1], found ${rate}`, { kind: 'usage' });
  const joint = jointMachine(factors, prior.vocabulary.size, {
    maxStates: options.maxStates,
    maxTokens: prior.maxTokens,
  });
  if (joint.machine.states * (prior.maxTokens + 1) > MAX_ALIVE) return prefix(making);
  const { many, few } = USUAL_DRAWS.learned;
  const learnedDraws = options.learnedDraws > 0 ? options.learnedDraws : isTabulated(prior) ? many : few;
  const settled = { ...options, learnedDraws };
  const job = {
    target: making,
    joint,
    goal,
    options: settled,
    chooser: chooser.split(goal),
    breathe: breather(signal),
  };
  const { model, texts, found } = await trainTwist(job);
  if (!found && (model.endsToo || goal === 'contrastive')) {
    const made = prefix(making, `no text of ${texts} drawn to train on had a positive weight; `);
    return { ...made, modelCalls: texts };
  }
  const reason = `${goal}: a log-linear twist of position, automaton state and last two tokens, trained on ${texts} texts`;
  return prepared(logLinearTwist(goal, model), { reason, modelCalls: texts });
}

async function automatic(making: Making): Promise<PreparedTwist> {
  if (making.factors.length === 0) return none(making, 'none: there is no factor to steer by');
  if (!hasMachines(making.factors)) return none(making, 'none: no factor says anything before a text is complete');
  const made = await lookahead(making);
  return 'open' in made ? made : prefix(making, `no look-ahead, because ${made.reason}; `);
}

/** Runs a computation to its end, letting other work in between; rejects with the signal's reason when stopped. */
async function running<T>(steps: Generator<Progress, T>, signal: AbortSignal | undefined): Promise<T> {
  const breathe = breather(signal);
  for (;;) {
    const rest = breathe();
    if (rest !== undefined) await rest;
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
