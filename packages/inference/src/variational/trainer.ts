import { PostError } from '@postulate/graph';
import type { Chooser, Snapshot, StoredModel, TrainablePolicy } from '@postulate/models';
import { andThen, withFittedMoments, type FittedTarget, type Maybe } from '../bind/index.ts';
import type { Draw, ProposalLaw, Target } from '../port/index.ts';
import { checkControl, controlsOf } from './control.ts';
import { stepMetrics, type StepMetrics } from './figures.ts';
import { logFactorOf } from './log-factor.ts';
import { guidesOf } from './guide/index.ts';
import { LookAheads } from './look-aheads.ts';
import { checkTraining, type TrainingOptions } from './options.ts';
import { checkProposals, proposalsOver } from './proposals.ts';
import { openPolicy } from './open-policy.ts';
import type { Learner, Memory, Training } from './training.ts';

/** Everything that the steps to come depend on: with it a run goes on along the same path, to the last bit. */
export interface Checkpoint {
  readonly step: number;
  readonly policy: Snapshot;
  readonly memory: Memory;
  readonly plateau: { readonly best: number; readonly at: number; readonly smooth: number };
}

/** A training run under way. */
export interface Trainer {
  readonly training: Training;
  readonly fitted: readonly FittedTarget[];
  readonly done: boolean;
  /** Why it ended before its last step, if it did. */
  readonly stopped: string | undefined;
  /** Texts drawn and tokens read so far. */
  readonly drawn: number;
  readonly tokens: number;
  /** Share of the steps taken here whose gradient was clipped. */
  readonly clippedShare: number;
  readonly policy: TrainablePolicy;
  /** One gradient step. Errors name the step (P7xx of factors, P607 where the training itself went astray). */
  advance(): Maybe<StepMetrics>;
  checkpoint(): Promise<Checkpoint>;
  restore(checkpoint: Checkpoint): Promise<void>;
  stored(): Maybe<StoredModel>;
}

export interface TrainerParts<O extends TrainingOptions> {
  readonly engine: string;
  readonly targets: readonly Target[];
  readonly options: Readonly<O>;
  readonly learner: Learner;
  readonly chooser: Chooser;
  readonly signal?: AbortSignal | undefined;
  readonly tell?: ((message: string) => void) | undefined;
  readonly source?: readonly (readonly Draw[])[] | undefined;
  readonly proposals?: readonly ProposalLaw[] | undefined;
}

/** Decay of the mean over steps by which a plateau is told. */
const SMOOTH = 0.95;
/** What counts as a rise of the bound, nats. */
const RISE = 1e-4;

/** The same error with the step it came up in. */
function atStep(error: unknown, step: number): unknown {
  if (!(error instanceof PostError)) return error;
  const diagnostics = error.diagnostics.map((d) => ({ ...d, message: `step ${step}: ${d.message}` }));
  return new PostError(diagnostics, error.kind, { cause: error.cause });
}

async function fittedTargets(targets: readonly Target[], chooser: Chooser, signal?: AbortSignal) {
  const found: FittedTarget[] = [];
  for (const [i, target] of targets.entries()) {
    const label = targets.length === 1 ? 'moments' : `moments ${i}`;
    found.push(await withFittedMoments(target, chooser.split(label), signal));
  }
  return found;
}

function trainedOf(targets: readonly Target[], { heldOut }: TrainingOptions): readonly number[] {
  const kept = Math.max(1, targets.length - Math.floor(heldOut * targets.length));
  return Array.from({ length: kept }, (_, i) => i);
}

/** Opens a run: fits moments, makes the policy at the prior. Randomness of step i is `chooser.split(i)`'s alone. */
export async function openTrainer<O extends TrainingOptions>(parts: TrainerParts<O>): Promise<Trainer> {
  const { engine, options, learner, chooser } = parts;
  checkTraining(options);
  checkProposals(parts.proposals, options);
  checkControl(parts.proposals, options);
  const fitted = await fittedTargets(parts.targets, chooser, parts.signal);
  const targets = fitted.map((f) => f.target);
  const { signal, tell, proposals } = parts;
  const world = { signal, tell };
  const lookAheads = new LookAheads({ targets, proposals, options, chooser: chooser.split('look-ahead'), ...world });
  const made = await guidesOf(targets, options, lookAheads, chooser.split('guide'), world);
  const guides = made?.guides;
  const policy = await openPolicy(targets, options, guides);
  const priors = targets.map((t) => t.prior);
  const training: Training = {
    ...{ engine, targets, options, policy, step: 0, source: parts.source },
    proposals: proposalsOver(policy, proposals, options),
    controls: await controlsOf({ policy, priors, proposals, lookAheads, guides }, options),
    trained: trainedOf(targets, options),
    logFactor: targets.map(logFactorOf),
  };
  const prepared = (made?.modelCalls ?? 0) + lookAheads.modelCalls;
  return new Running(training, fitted, learner, chooser, prepared);
}

class Running implements Trainer {
  readonly training: Training;
  readonly fitted: readonly FittedTarget[];
  stopped: string | undefined;
  drawn: number;
  tokens = 0;
  private steps = 0;
  private clipped = 0;
  private readonly learner: Learner;
  private readonly chooser: Chooser;
  private best = -Infinity;
  private bestAt = 0;
  private smooth = NaN;

  /** `drawn` are the texts that it took to prepare the run. */
  constructor(training: Training, fitted: readonly FittedTarget[], learner: Learner, chooser: Chooser, drawn: number) {
    this.training = training;
    this.drawn = drawn;
    this.fitted = fitted;
    this.learner = learner;
    this.chooser = chooser;
  }

  get policy(): TrainablePolicy {
    return this.training.policy;
  }

  get clippedShare(): number {
    return this.steps === 0 ? 0 : this.clipped / this.steps;
  }

  get done(): boolean {
    return this.stopped !== undefined || this.training.step >= this.training.options.steps;
  }

  advance(): Maybe<StepMetrics> {
    const { training } = this;
    const at = training.step;
    const failed = (error: unknown): never => {
      throw atStep(error, at + 1);
    };
    try {
      const figures = andThen(this.learner.step(training, this.chooser.split(at)), (found) => {
        training.step++;
        const metrics = stepMetrics(training, found);
        this.drawn += found.drawn.batch.size;
        this.tokens += found.drawn.batch.offsets[found.drawn.batch.size];
        this.steps++;
        if (found.info.clipped) this.clipped++;
        this.watch(metrics.bound);
        return metrics;
      });
      return figures instanceof Promise ? figures.catch(failed) : figures;
    } catch (error) {
      return failed(error);
    }
  }

  /** Stops where the smoothed bound has not risen for `patience` steps. */
  private watch(bound: number): void {
    const { patience } = this.training.options;
    if (!Number.isFinite(bound)) return;
    this.smooth = Number.isNaN(this.smooth) ? bound : SMOOTH * this.smooth + (1 - SMOOTH) * bound;
    if (this.smooth > this.best + RISE) {
      this.best = this.smooth;
      this.bestAt = this.training.step;
    } else if (patience > 0 && this.training.step - this.bestAt >= patience) {
      this.stopped = `the bound has not risen for ${patience} steps`;
    }
  }

  async checkpoint(): Promise<Checkpoint> {
    return {
      step: this.training.step,
      policy: await this.policy.snapshot(),
      memory: await this.learner.save(),
      plateau: { best: this.best, at: this.bestAt, smooth: this.smooth },
    };
  }

  async restore({ step, policy, memory, plateau }: Checkpoint): Promise<void> {
    await this.learner.load(memory, this.training);
    await this.policy.restore(policy);
    this.training.step = step;
    [this.best, this.bestAt, this.smooth] = [plateau.best, plateau.at, plateau.smooth];
  }

  stored(): Maybe<StoredModel> {
    return this.policy.stored();
  }
}
