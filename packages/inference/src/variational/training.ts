import type { LanguageModel, TextBatch, TokenMachine, TrainablePolicy, UpdateInfo } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';
import type { Draw, Target } from '../port/index.ts';
import type { Controls } from './control.ts';
import type { TrainingOptions } from './options.ts';

/** A policy on its way to the posteriors of one family; one target where the file has no context. Logs in nats. */
export interface Training {
  readonly engine: string;
  /** One stage each, without moments. */
  readonly targets: readonly Target[];
  /** Targets that are trained on; the others are held out. */
  readonly trained: readonly number[];
  readonly policy: TrainablePolicy;
  readonly options: TrainingOptions;
  /** Σ log φ of texts, by target. */
  readonly logFactor: readonly LogFactor[];
  /** Weighted draws of another engine, where the run names one (option `source`), by target. */
  readonly source?: readonly (readonly Draw[])[] | undefined;
  /** Laws that a share of the texts is drawn from, where the run names an engine (option `proposal`), by target. */
  readonly proposals?: readonly LanguageModel[] | undefined;
  /** Laws whose rows take noise off the gradient (option `control`). */
  readonly controls?: Controls | undefined;
  /** Steps taken. */
  step: number;
}

export interface LogFactor {
  (batch: TextBatch): Maybe<Float64Array>;
  /** The automaton of the factors that have one, as far as it is not too large. */
  readonly machine?: TokenMachine | undefined;
  /** Whether that is all of them. */
  readonly whole?: boolean | undefined;
}

/** Texts of one target among those of a step. */
export interface Group {
  /** Index of the target and of its law. */
  readonly law: number;
  readonly from: number;
  readonly to: number;
}

/** Texts that a step learns from, with the logs of everything at each. */
export interface Drawn {
  readonly batch: TextBatch;
  readonly groups: readonly Group[];
  /** Target of each text; undefined where there is one target. */
  readonly laws: Int32Array | undefined;
  /** log density under what they were drawn from. */
  readonly logQ: Float64Array;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
}

/** What one step did. */
export interface StepFigures {
  readonly drawn: Drawn;
  /** log π of each text before the step. */
  readonly logPi: Float64Array;
  /** Whether the texts are the policy's own draws, so that plain means over them are the policy's. */
  readonly onPolicy: boolean;
  readonly info: UpdateInfo;
  /** What the step went down on, as these texts estimate it. */
  readonly loss: number;
  /** What rises as the policy nears the posterior: a lower bound of log Z where the engine has one. */
  readonly bound: number;
  readonly extra?: Readonly<Record<string, number>>;
}

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What the steps to come depend on besides the policy. */
export interface Memory {
  readonly numbers: Readonly<Record<string, number>>;
  readonly arrays: Readonly<Record<string, Numbers>>;
}

/** An objective under way: how a policy learns in one step. */
export interface Learner {
  /** Draws, and moves the policy. All randomness is `chooser`'s. */
  step(training: Training, chooser: Chooser): Maybe<StepFigures>;
  save(): Maybe<Memory>;
  /** Undoes to what `save` gave. The policy is put back afterwards. */
  load(memory: Memory, training: Training): Maybe<void>;
}

/** For objectives that remember nothing. */
export const NO_MEMORY: Memory = { numbers: {}, arrays: {} };

export type Laws = readonly LanguageModel[];
type Chooser = import('@postulate/models').Chooser;
