import {
  modelMachine,
  openFit,
  run,
  type Approximation,
  type BoundFunction,
  type Fit,
  type Target,
} from '@postulate/inference';
import type { LanguageModel } from '@postulate/models';
import { atLeast, atMost } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { median } from '../support/statistics.ts';
import { markov6 } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

/** Steps a second of the peer whose tables are trained on this prior, at its fastest (bench/README.md). */
const PEER_STEPS = 120;

interface Setting {
  readonly posterior: 'A' | 'B';
  readonly engine: string;
  readonly options?: Readonly<Record<string, number | boolean | string>>;
  /** Forward KL not to be exceeded. */
  readonly most?: number;
  /** Whether its steps are held against the peer's. */
  readonly raced?: boolean;
}

const SETTINGS: readonly Setting[] = [
  { posterior: 'A', engine: 'gdc', most: 0.0073, raced: true },
  { posterior: 'B', engine: 'gdc', most: 0.0872, raced: true },
  { posterior: 'B', engine: 'kl-rl' },
  { posterior: 'B', engine: 'trajectory-balance' },
  { posterior: 'B', engine: 'f-dpg' },
  { posterior: 'A', engine: 'f-dpg' },
  { posterior: 'B', engine: 'dpo' },
  { posterior: 'B', engine: 'sft' },
  { posterior: 'B', engine: 'rl' },
  { posterior: 'B', engine: 'gdc', options: { positions: true } },
  { posterior: 'B', engine: 'trajectory-balance', options: { positions: true } },
];

function density(law: LanguageModel): BoundFunction {
  const machine = modelMachine(law, 1);
  return {
    name: 'log density',
    kind: 'score',
    range: { lo: -Infinity, hi: 0 } as BoundFunction['range'],
    values: (batch) => law.logProb(batch),
    machine: () => machine,
  };
}

/** KL(p ‖ π) exactly, by dynamic programming. */
async function forwardKl(target: Target, law: LanguageModel): Promise<number> {
  const asked: Target = { ...target, named: [density(law)] };
  const exact: Approximation = await run(asked, { engine: 'exact', draws: 0 });
  return -exact.entropy!.value - exact.expectations['log density']!.value;
}

async function timedFit(
  target: Target,
  { engine, options = {} }: Setting,
): Promise<{ fit: Fit; seconds: number; cpuSeconds: number }> {
  const fit = await openFit([target], { engine, options, seed: 'bench' });
  const began = performance.now();
  const before = process.cpuUsage();
  while (!fit.trainer.done) {
    const step = fit.trainer.advance();
    if (step instanceof Promise) await step;
  }
  const { user, system } = process.cpuUsage(before);
  return { fit, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

async function fitRow(setting: Setting, rounds: number): Promise<Row> {
  const target = await markov6(setting.posterior);
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let divergence = NaN;
  let steps = 0;
  let drawn = 0;
  for (let i = 0; i < rounds; i++) {
    const done = await timedFit(target, setting);
    seconds.push(done.seconds);
    cpuSeconds.push(done.cpuSeconds);
    const [law] = await done.fit.trainer.policy.frozen();
    divergence = await forwardKl(target, law);
    steps = done.fit.trainer.training.step;
    drawn = done.fit.trainer.drawn;
  }
  // Of processor time, which other work on the machine disturbs less.
  const stepsPerSecond = steps / Math.min(...cpuSeconds);
  const extra = Object.entries(setting.options ?? {}).map(([k, v]) => `${k}=${String(v)}`);
  return {
    ...{ task: setting.posterior, what: [setting.engine, ...extra].join(', '), runs: rounds },
    ...{
      error: divergence,
      seconds: median(seconds),
      cpuSeconds: median(cpuSeconds),
      stepsPerSecond,
      modelCalls: drawn,
    },
    ...(setting.raced === true ? { ratio: stepsPerSecond / PEER_STEPS } : {}),
    ...(setting.most === undefined ? {} : atMost('error', divergence, setting.most)),
  };
}

export const variational: Task = {
  name: 'variational',
  title:
    'Policies trained on markov6, 300 steps of 512 texts: forward KL to the posterior (exact), steps a processor second, ratio to 120',
  async rows({ quick }) {
    const rows: Row[] = [];
    for (const setting of SETTINGS) rows.push(await fitRow(setting, quick ? 2 : 5));
    const raced = rows.filter((r) => r.ratio !== undefined);
    const slowest = Math.min(...raced.map((r) => r.ratio!));
    rows.push({ task: '', what: 'gdc, slower of A and B', ratio: slowest, ...atLeast('ratio', slowest, 10) });
    return rows;
  },
};
