import type { LanguageModel, PolicyGuide, TrainablePolicy } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { whole } from '../options/index.ts';
import type { ProposalLaw, RowsLaw } from '../port/index.ts';
import { pickChoices } from './choice-logs.ts';
import { choiceOffsets, insistRowsFit } from './choices.ts';
import { CONTROL_DEPTH, type LookAheads } from './look-aheads.ts';
import { rowsOf, rowsUnder } from './model-rows.ts';
import type { TrainingOptions } from './options.ts';
import { gainedBefore, settledChoices } from './prefix-states.ts';
import { usage } from './proposals.ts';
import { withoutRuledOut } from './ruled-out.ts';
import type { Drawn, Training } from './training.ts';

/** The option `control` of an engine whose objective has an expectation under the prior or the posterior in it. */
export const CONTROL = 'none';

export const CONTROL_HELP =
  'control variate from full rows of a law c along the texts: the prior; the policy as it starts (start), which has its guide; the proposal as made over the prior; or a look-ahead, that of the proposal where it has one, with the prior itself asked about the likeliest ways on (ahead); the nearer c is to the posterior, the less noise; none; where rows are few numbers';

interface ControlOptions {
  readonly control: string;
  readonly controlDepth: number;
}

/** The laws c of a run. */
export interface Controls {
  /** By target. */
  readonly laws: readonly RowsLaw[];
  /** Whether they go on as the prior does once log φ is settled. */
  readonly settles: boolean;
  /** Whether they are the priors. */
  readonly isPrior?: boolean;
}

/** What control laws are made of. */
interface Sources {
  readonly policy: TrainablePolicy;
  readonly priors: readonly LanguageModel[];
  readonly proposals: readonly ProposalLaw[] | undefined;
  readonly lookAheads: LookAheads;
  readonly guides: readonly PolicyGuide[] | undefined;
}

/** Those that the option names, without what the guides of a policy rule out; undefined where it names none. The options are checked (`checkControl`). */
export async function controlsOf(sources: Sources, options: TrainingOptions): Promise<Controls | undefined> {
  const found = await namedControls(sources, options);
  const { guides } = sources;
  if (found === undefined || guides === undefined) return found;
  return { ...found, laws: found.laws.map((law, i) => withoutRuledOut(law, guides[i])) };
}

async function namedControls(
  { policy, priors, proposals, lookAheads }: Sources,
  options: TrainingOptions,
): Promise<Controls | undefined> {
  const { control }: Pick<ControlOptions, 'control'> = { control: CONTROL, ...options };
  switch (control) {
    case CONTROL:
      return undefined;
    case 'prior':
      return { laws: priors.map(rowsOf), settles: true, isPrior: true };
    case 'start':
      // A guide has nothing to say any more where log φ is settled.
      return { laws: (await policy.frozen()).map(rowsOf), settles: true };
    case 'proposal':
      return { laws: (proposals ?? []).map(rowsOf), settles: false };
    default: {
      const laws: RowsLaw[] = [];
      for (const i of priors.keys()) laws.push((await lookAheads.of(i)).law);
      return { laws, settles: true };
    }
  }
}

const NAMES: readonly string[] = [CONTROL, 'prior', 'start', 'proposal', 'ahead'];

/** Refuses names that there are not, a depth that is no number of tokens, and the proposal of a run that has none (P602). */
export function checkControl(proposals: readonly ProposalLaw[] | undefined, options: TrainingOptions): void {
  const { control, controlDepth }: ControlOptions = { control: CONTROL, controlDepth: CONTROL_DEPTH, ...options };
  whole('controlDepth', controlDepth);
  if (!NAMES.includes(control)) throw usage(`control is none, prior, start, proposal or ahead, found ${control}`);
  if (control !== 'proposal') return;
  if (proposals === undefined) {
    throw usage('control=proposal takes the proposal as control variate, and there is none: give the option proposal');
  }
  if (proposals.some((law) => !law.capabilities.has('nextTokenScores'))) {
    throw usage('control=proposal goes with a proposal that decodes token by token: proposal=weighted-decoding');
  }
}

/** A control law along the texts of a step. */
export interface Control {
  /** c(x) / q(x) of each text. */
  readonly weights: Float64Array;
  /** log c of the token drawn at every choice. */
  readonly logs: Float64Array;
  /** log c(v | prefix) at every choice: choices × (V + 1), nats. */
  readonly rows: Float32Array | Float64Array;
  /** 1 for each choice before which log φ is settled and c is the prior. */
  readonly settled: Uint8Array | undefined;
  /** What the prefix before each choice says of log γ/c of its text, as far as c can tell. */
  readonly known: Float64Array | undefined;
}

export function controlOf(t: Training, drawn: Drawn, { laws, settles, isPrior }: Controls): Maybe<Control> {
  const { batch, logQ } = drawn;
  insistRowsFit(batch, 'control');
  const settled = settles ? settledChoices(t, drawn) : undefined;
  return andThen(rowsUnder(laws, drawn, settled), ({ rows, known }) => {
    const at = choiceOffsets(batch);
    const logs = pickChoices(batch, rows);
    const weights = logQ.map((q, i) => {
      let log = -q;
      for (let j = at[i]; j < at[i + 1]; j++) log += logs[j];
      return Math.exp(log);
    });
    return { weights, logs, rows, settled, known: isPrior === true ? gainedBefore(t, drawn) : known };
  });
}
