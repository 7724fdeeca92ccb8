import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { andThen, type Maybe } from '../bind/index.ts';
import type { Draw, Engine, Fitness, ProposalLaw, Request, Step, Target } from '../port/index.ts';
import type { StepMetrics } from './figures.ts';
import type { TrainingOptions } from './options.ts';
import { NO_PROPOSAL } from './proposals.ts';
import { policyDraws, variationalResult, type Measured, type Reading } from './result.ts';
import { openTrainer, type Trainer } from './trainer.ts';
import type { Learner } from './training.ts';

/** What sets a variational engine apart from the others. */
export interface VariationalParts<O extends TrainingOptions> {
  readonly name: string;
  readonly summary: string;
  readonly defaults: Readonly<O>;
  readonly optionHelp: Readonly<Record<keyof O & string, string>>;
  fitness(target: Target, options: Readonly<O>): Fitness;
  /** Refuses options (P602); whatever all engines take is checked already. */
  check?(options: Readonly<O>): void;
  learner(options: Readonly<O>): Learner;
}

export interface VariationalState {
  readonly trainer: Trainer;
  readonly request: Request;
  readonly chooser: Chooser;
  last: StepMetrics | undefined;
  measured: Measured | undefined;
}

const readingOf = ({ trainer, request, chooser }: VariationalState): Reading => ({
  ...{ trainer, chooser, member: 0, wanted: request.draws },
});

/** Milliseconds of steps between two looks at the outside world. */
const SLICE = 25;

/** What a training run is given besides its targets. */
export interface TrainingRequest extends Pick<Request, 'signal' | 'source' | 'tell'> {
  /** Laws to draw a share of the texts from, by target. */
  readonly proposals?: readonly ProposalLaw[] | undefined;
}

/** An engine whose runs train a policy, which is what it hands out draws of. */
export type VariationalEngine<O extends TrainingOptions> = Engine<O, VariationalState> & {
  /** A run for a whole family of contexts, which share their policy. */
  train(targets: readonly Target[], options: Readonly<O>, request: TrainingRequest, chooser: Chooser): Promise<Trainer>;
};

function fitnessOf<O extends TrainingOptions>(
  parts: VariationalParts<O>,
  target: Target,
  options: Readonly<O>,
): Fitness {
  if (target.prior.trainable !== undefined) return parts.fitness(target, options);
  const large = target.prior.table !== undefined;
  const reason = large ? 'a table of logits for its prior would be too large' : 'its prior has no parameters to train';
  const { diagnostics } = fail('P600', `the engine ${parts.name} cannot run ${target.name}: ${reason}`, {
    help: large
      ? 'use a smaller order or vocabulary (level = "char"), or a neural prior.'
      : 'train a finite-state or neural prior without mixture.',
  });
  return { fits: false, reason, diagnostic: diagnostics[0] };
}

async function train<O extends TrainingOptions>(
  parts: VariationalParts<O>,
  targets: readonly Target[],
  options: Readonly<O>,
  { signal, tell, source, proposals }: TrainingRequest,
  chooser: Chooser,
): Promise<Trainer> {
  parts.check?.(options);
  for (const target of targets) {
    const fit = fitnessOf(parts, target, options);
    if (!fit.fits) throw fail(fit.diagnostic.code, fit.diagnostic.message, fit.diagnostic);
  }
  const learner = parts.learner(options);
  return openTrainer({ engine: parts.name, targets, options, learner, chooser, signal, tell, source, proposals });
}

function report(s: VariationalState, draws: readonly Draw[], done: boolean): Step<VariationalState> {
  const { trainer, last } = s;
  const logZ = last?.extra['logZ'] ?? last?.elbo;
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: `${trainer.training.engine}, step ${trainer.training.step} of ${trainer.training.options.steps}`,
      draws: draws.length,
      wanted: s.request.draws,
      modelCalls: trainer.drawn,
      tokens: trainer.tokens,
      ...(logZ === undefined || Number.isNaN(logZ) ? {} : { logZ }),
    },
  };
}

/** Steps until a slice of time is over; ends early where a step has to wait. */
function someSteps(s: VariationalState, until: number): Maybe<void> {
  while (!s.trainer.done && s.trainer.drawn < s.request.budget) {
    const metrics = s.trainer.advance();
    if (metrics instanceof Promise) return metrics.then((m) => void (s.last = m));
    s.last = metrics;
    if (Date.now() >= until) return;
  }
}

function step(s: VariationalState): Maybe<Step<VariationalState>> {
  if (!s.trainer.done && s.trainer.drawn < s.request.budget) {
    return andThen(someSteps(s, Date.now() + SLICE), () => report(s, [], false));
  }
  return andThen(policyDraws(readingOf(s)), (measured) => {
    s.measured = measured;
    return report(s, measured.draws.slice(0, s.request.draws), true);
  });
}

/** What is proposed from is trained in place, and has no proposal of its own. */
function refuseNesting(name: string, options: object): void {
  const { proposal } = options as { readonly proposal?: string };
  if (proposal === undefined || proposal === NO_PROPOSAL) return;
  throw fail('P602', `${name} is itself proposed from here, and cannot propose from ${proposal}`, {
    help: 'train it first, with post fit, and give the run as --proposal',
    kind: 'usage',
  });
}

export function variationalEngine<O extends TrainingOptions>(parts: VariationalParts<O>): VariationalEngine<O> {
  return {
    name: parts.name,
    summary: parts.summary,
    guarantee: 'variational',
    requires: { prior: ['gradient'], factors: ['completeScore'] },
    defaults: parts.defaults,
    optionHelp: parts.optionHelp,
    fitness: (target, options = parts.defaults) => fitnessOf(parts, target, options),
    async init(target, options, request, chooser) {
      const { proposal } = request;
      const given = { ...request, ...(proposal === undefined ? {} : { proposals: [proposal] }) };
      const trainer = await train(parts, [target], options, given, chooser);
      return { trainer, request, chooser, last: undefined, measured: undefined };
    },
    step,
    async policy(target, options, chooser, world = {}) {
      refuseNesting(parts.name, options);
      const trainer = await train(parts, [target], options, world, chooser);
      while (!trainer.done) {
        world.signal?.throwIfAborted();
        await trainer.advance();
        if (trainer.training.step % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      return (await trainer.policy.frozen())[0];
    },
    async finish(s) {
      const reading = readingOf(s);
      return variationalResult(reading, s.measured ?? (await policyDraws(reading)));
    },
    train: (targets, options, request, chooser) => train(parts, targets, options, request, chooser),
  };
}
