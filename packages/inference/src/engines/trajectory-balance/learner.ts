import type { Chooser } from '@postulate/models';
import { all, andThen, type Maybe } from '../../bind/index.ts';
import {
  ascend,
  draw,
  hardDraw,
  joinDrawn,
  leaveOneOut,
  logGamma,
  logUnder,
  mergeGroups,
  Replay,
  temperedLaws,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  type Training,
} from '../../variational/index.ts';
import type { BalanceOptions } from './index.ts';

/** ∇ ½ Var(log γ − log π) = −(1/N) Σ (δᵢ − δ̄) ∇ log π(xᵢ), δ = log γ − log π, the mean over the others of its target. */
export class BalanceLearner implements Learner {
  private readonly options: BalanceOptions;
  private readonly replay: Replay;

  constructor(options: BalanceOptions) {
    this.options = options;
    this.replay = new Replay(options.buffer);
  }

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    return andThen(this.gather(t, chooser), (drawn) => {
      hardDraw(t, drawn);
      return andThen(logUnder(t.policy.laws, drawn), (logPi) => {
        const n = drawn.batch.size;
        const gaps = logPi.map((l, i) => logGamma(drawn, i) - l);
        const centred = leaveOneOut(gaps, drawn.groups);
        const coefficients = centred.map((a) => a / n);
        const bound = gaps.reduce((s, x) => s + x, 0) / n;
        const loss = centred.reduce((s, a) => s + (a * a) / 2, 0) / n;
        return andThen(ascend(t, drawn, coefficients), (info) => ({
          ...{ drawn, logPi, onPolicy: this.own(), info, loss, bound: this.own() ? bound : -loss },
          extra: { logZ: bound },
        }));
      });
    });
  }

  private own(): boolean {
    return this.options.replay === 0 && this.options.explore === 0;
  }

  private gather(t: Training, chooser: Chooser): Maybe<Drawn> {
    const { batch, replay, explore, temperature } = this.options;
    const old = this.replay.size === 0 ? 0 : Math.floor(replay * batch);
    const hot = Math.floor(explore * batch);
    const own = draw(t, t.policy.laws, chooser.split('own'), batch - old - hot);
    const parts: Maybe<Drawn>[] = [own];
    if (hot >= 2) {
      const heat = 1 + (temperature - 1) * (chooser.split('heat').uniform?.() ?? 1);
      parts.push(andThen(temperedLaws(t, heat), (laws) => draw(t, laws, chooser.split('hot'), hot)));
    }
    return all(parts, (drawn) => {
      const again = old === 0 ? [] : [this.replay.pick(old, chooser.split('replay'), drawn[0].batch.vocabulary)];
      if (this.options.replay > 0) for (const d of drawn) this.replay.add(d);
      return mergeGroups(joinDrawn([...drawn, ...again]));
    });
  }

  save(): Memory {
    return { numbers: {}, arrays: this.replay.save() };
  }

  load({ arrays }: Memory): void {
    this.replay.load(arrays);
  }
}
