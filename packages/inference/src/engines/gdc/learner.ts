import type { Chooser, LanguageModel, Snapshot } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
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
    return andThen(drawSteered(t, laws, chooser), ({ drawn, logOwn }) =>
      andThen(onPolicy ? logOwn : logUnder(t.policy.laws, drawn), (logPi) => {
        const z = this.zOf(t);
        const logW = drawn.logQ.map((q, i) => logGamma(drawn, i) - q);
        const before = drawn.groups.map((g) => z.logZ(g.law));
        for (const g of drawn.groups) z.add(g.law, logW.subarray(g.from, g.to));
        refuseDead(t, drawn, z);
        // A Z that knows the texts it divides would bias the step; only the first one has no other.
        const logZs = drawn.groups.map((g, i) => (before[i] > -Infinity ? before[i] : z.logZ(g.law)));
        const { coefficients, nearer, crossEntropy, ess } = this.weigh(drawn, logW, logPi, logOwn, logZs);
        const renews = this.options.adaptive && (t.step + 1) % this.options.refresh === 0 && nearer > 0;
        return andThen(renews ? this.renew(t) : undefined, () =>
          andThen(ascend(t, drawn, coefficients), (info) => ({
            ...{
              drawn,
              logPi,
              onPolicy: onPolicy && t.proposals === undefined,
              info,
              loss: crossEntropy,
              bound: -crossEntropy,
            },
            extra: { logZ: meanLogZ(drawn, z), proposalEss: ess, proposalRenewed: renews ? 1 : 0 },
          })),
        );
      }),
    );
  }

  private weigh(drawn: Drawn, logW: Float64Array, logPi: Float64Array, logOwn: Float64Array, logZs: readonly number[]) {
    const n = drawn.batch.size;
    const coefficients = new Float64Array(n);
    let [sum, squares, nearer, cross] = [0, 0, 0, 0];
    for (const [j, g] of drawn.groups.entries()) {
      const logZ = logZs[j];
      for (let i = g.from; i < g.to; i++) {
        const w = logZ === -Infinity ? 0 : Math.exp(logW[i] - logZ);
        coefficients[i] = (w - (this.options.baseline ? Math.exp(logPi[i] - drawn.logQ[i]) : 0)) / n;
        sum += w;
        squares += w * w;
        if (w > 0) nearer += w * (logPi[i] - logOwn[i]);
        if (w > 0) cross -= w * logPi[i];
      }
    }
    const crossEntropy = sum === 0 ? NaN : cross / sum;
    return { coefficients, nearer, crossEntropy, ess: squares === 0 ? 0 : (sum * sum) / squares };
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

function meanLogZ({ groups }: Drawn, z: RunningZ): number {
  return groups.reduce((sum, g) => sum + z.logZ(g.law), 0) / groups.length;
}
