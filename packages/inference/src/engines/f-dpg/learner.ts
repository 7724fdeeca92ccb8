import type { Chooser } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  draw,
  hardDraw,
  leaveOneOut,
  logGamma,
  refuseDead,
  RunningZ,
  type Drawn,
  type Generator,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';

/** Most that a slope may be in absolute value: beyond it a single text would decide a step. */
const STEEPEST = 1e6;

/** On-policy f-DPG: coefficients −f′(t) with t = π Z / P, less the mean of the others (`algorithms.md` 3.6). */
export class FDpgLearner implements Learner {
  private readonly generator: Generator;
  private z: RunningZ | undefined;

  constructor(generator: Generator) {
    this.generator = generator;
  }

  private zOf(t: Training): RunningZ {
    return (this.z ??= new RunningZ(t.targets.length));
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(draw(t, t.policy.laws, chooser), (drawn) => {
      if (!this.generator.allowsZero) hardDraw(t, drawn);
      const logT = this.logRatios(t, drawn);
      const slopes = logT.map((l) => Math.max(-STEEPEST, Math.min(STEEPEST, this.generator.slope(l))));
      const n = drawn.batch.size;
      const coefficients = leaveOneOut(slopes, drawn.groups).map((a) => -a / n);
      const loss = logT.reduce((s, l) => s + this.generator.share(l), 0) / n;
      return andThen(ascend(t, drawn, coefficients), (info) => ({
        ...{ drawn, logPi: drawn.logQ, onPolicy: true, info, loss, bound: -loss },
        extra: { logZ: drawn.groups.reduce((s, g) => s + this.zOf(t).logZ(g.law), 0) / drawn.groups.length },
      }));
    });
  }

  /** log t = log π − log p of each text, with the Z of earlier batches where there were any. */
  private logRatios(t: Training, drawn: Drawn): Float64Array {
    const z = this.zOf(t);
    const logW = drawn.logQ.map((q, i) => logGamma(drawn, i) - q);
    const out = new Float64Array(logW.length);
    for (const g of drawn.groups) {
      const before = z.logZ(g.law);
      z.add(g.law, logW.subarray(g.from, g.to));
      const logZ = before > -Infinity ? before : z.logZ(g.law);
      for (let i = g.from; i < g.to; i++) out[i] = logW[i] === -Infinity ? Infinity : logZ - logW[i];
    }
    refuseDead(t, drawn, z);
    return out;
  }

  save(): Memory {
    return { numbers: {}, arrays: this.z?.save() ?? {} };
  }

  load({ arrays }: Memory, t: Training): void {
    if (arrays['zSums'] !== undefined) this.zOf(t).load(arrays);
  }
}
