import type { Chooser } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  logGamma,
  logUnder,
  NO_MEMORY,
  SourceDraws,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';

/** Σ log π over a batch picked from the source by weight, over its size. */
export class SftLearner implements Learner {
  private readonly source = new SourceDraws();

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(this.source.batch(t, chooser), (drawn) => this.learn(t, drawn));
  }

  private learn(t: Training, drawn: Drawn): Maybe<StepFigures> {
    return andThen(logUnder(t.policy.laws, drawn), (logPi) => {
      const n = drawn.batch.size;
      const loss = -logPi.reduce((s, l) => s + l, 0) / n;
      // The texts are the posterior's: weights π/γ, up to a constant, turn means over them into the policy's.
      const logQ = logPi.map((_, i) => logGamma(drawn, i));
      return andThen(ascend(t, drawn, new Float64Array(n).fill(1 / n)), (info) => ({
        ...{ drawn: { ...drawn, logQ }, logPi, onPolicy: false, info, loss, bound: -loss },
      }));
    });
  }

  save(): Memory {
    return NO_MEMORY;
  }

  load(): void {}
}
