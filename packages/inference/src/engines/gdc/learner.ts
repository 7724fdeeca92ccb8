import type { Chooser, LanguageModel, Snapshot, UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import { effectiveSampleSize } from '../../diagnostics/index.ts';
import {
  ascend,
  controlOf,
  drawSteered,
  logGamma,
  logUnder,
  refuseDead,
  RunningZ,
  type Drawn,
  type Laws,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';
import { stepBeside } from './beside-control.ts';
import type { GdcOptions } from './options.ts';

/** What texts are drawn from in place of the policy: the policy as it was, with the parameters to make it again. */
interface Proposal {
  readonly laws: Laws;
  readonly snapshot: Snapshot;
}

/**
 * Distributional policy gradient: ∇ KL(p ‖ π) = −E_q[(P / (Z q)) ∇ log π], less the baseline (π/q) whose gradient has mean zero
 * (`algorithms.md` 3.3–3.4), each context with its own Z (3.5).
 */
export class GdcLearner implements Learner {
  private readonly options: GdcOptions;
  private z: RunningZ | undefined;
  private proposal: Proposal | undefined;

  constructor(options: GdcOptions) {
    this.options = options;
  }

  private zOf(t: Training): RunningZ {
    return (this.z ??= new RunningZ(t.targets.length));
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    if (!this.options.adaptive) return this.learn(t, t.policy.laws, true, chooser);
    if (this.proposal !== undefined) return this.learn(t, this.proposal.laws, false, chooser);
    return andThen(this.renew(t), () => this.learn(t, this.proposal!.laws, false, chooser));
  }

  /** Proposes from the policy as it is now. */
  private renew(t: Training): Maybe<void> {
    return andThen(t.policy.frozen(), (laws) =>
      andThen(t.policy.snapshot(), (snapshot) => {
        this.proposal = { laws, snapshot };
      }),
    );
  }

  private learn(t: Training, laws: readonly LanguageModel[], onPolicy: boolean, chooser: Chooser): Maybe<StepFigures> {
    const looks = this.options.adaptive && (t.step + 1) % this.options.refresh === 0;
    return andThen(drawSteered(t, laws, chooser), ({ drawn, logOwn }) => {
      const weights = this.weights(t, drawn);
      // With exact rows log π is wanted before the step only to see whether the policy has come nearer.
      const early = onPolicy ? logOwn : looks || t.controls === undefined ? logUnder(t.policy.laws, drawn) : undefined;
      return andThen(early, (before) => {
        const renews = looks && nearer(weights, before!, logOwn) > 0;
        return andThen(renews ? this.renew(t) : undefined, () =>
          andThen(this.update(t, drawn, weights, before), (info) => {
            const logPi = before ?? info.logProbs;
            const loss = crossEntropy(weights, logPi);
            return {
              ...{ drawn, logPi, onPolicy: onPolicy && t.proposals === undefined, info, loss, bound: -loss },
              extra: {
                logZ: meanLogZ(drawn, this.zOf(t)),
                proposalEss: essOf(weights),
                proposalRenewed: renews ? 1 : 0,
              },
            };
          }),
        );
      });
    });
  }

  /** P / (Z q) of each text, with the Z of earlier batches: one that knows the texts it divides would bias the step. */
  private weights(t: Training, drawn: Drawn): Float64Array {
    const z = this.zOf(t);
    const logW = drawn.logQ.map((q, i) => logGamma(drawn, i) - q);
    const before = drawn.groups.map((g) => z.logZ(g.law));
    for (const g of drawn.groups) z.add(g.law, logW.subarray(g.from, g.to));
    refuseDead(t, drawn, z);
    const out = new Float64Array(logW.length);
    for (const [j, { law, from, to }] of drawn.groups.entries()) {
      const logZ = before[j] > -Infinity ? before[j] : z.logZ(law);
      if (logZ > -Infinity) for (let i = from; i < to; i++) out[i] = Math.exp(logW[i] - logZ);
    }
    return out;
  }

  private update(t: Training, drawn: Drawn, weights: Float64Array, logPi: Float64Array | undefined): Maybe<UpdateInfo> {
    if (t.controls !== undefined) {
      return andThen(controlOf(t, drawn, t.controls), (control) => stepBeside(t, drawn, control, weights));
    }
    const { baseline } = this.options;
    const taken = (i: number): number => (baseline ? Math.exp(logPi![i] - drawn.logQ[i]) : 0);
    return ascend(
      t,
      drawn,
      weights.map((w, i) => (w - taken(i)) / weights.length),
    );
  }

  save(): Memory {
    const proposal = Object.entries(this.proposal?.snapshot.arrays ?? {}).map(([k, v]) => [`q.${k}`, v] as const);
    return {
      numbers: { ...(this.proposal === undefined ? {} : { proposalStep: this.proposal.snapshot.step }) },
      arrays: { ...(this.z?.save() ?? {}), ...Object.fromEntries(proposal) },
    };
  }

  load({ numbers, arrays }: Memory, t: Training): Maybe<void> {
    if (arrays['zSums'] !== undefined) this.zOf(t).load(arrays);
    if (numbers['proposalStep'] === undefined) return undefined;
    const own = Object.entries(arrays).filter(([k]) => k.startsWith('q.'));
    const snapshot = {
      step: numbers['proposalStep'],
      arrays: Object.fromEntries(own.map(([k, v]) => [k.slice(2), v])) as Snapshot['arrays'],
    };
    return andThen(t.policy.restore(snapshot), () =>
      andThen(t.policy.frozen(), (laws) => {
        this.proposal = { laws, snapshot };
      }),
    );
  }
}

/** E_p[log π − log π_old] up to a factor: above zero where the policy is nearer to the posterior than it was. */
const nearer = (weights: Float64Array, logPi: Float64Array, logOwn: Float64Array): number =>
  weights.reduce((s, w, i) => (w > 0 ? s + w * (logPi[i] - logOwn[i]) : s), 0);

function crossEntropy(weights: Float64Array, logPi: Float64Array): number {
  const sum = weights.reduce((s, w) => s + w, 0);
  return sum === 0 ? NaN : weights.reduce((s, w, i) => (w > 0 ? s - w * logPi[i] : s), 0) / sum;
}

/** (Σw)² / Σw² of weights as they are. */
const essOf = (weights: Float64Array): number => effectiveSampleSize(weights) * weights.reduce((s, w) => s + w, 0) ** 2;

function meanLogZ({ groups }: Drawn, z: RunningZ): number {
  return groups.reduce((sum, g) => sum + z.logZ(g.law), 0) / groups.length;
}
