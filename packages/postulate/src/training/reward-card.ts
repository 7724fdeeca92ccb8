import type { Judgement, RewardKind } from '@postulate/models/neural';
import { grouped } from '../cli/numbers.ts';
import type { RewardRunOptions } from './reward-run.ts';

export interface RewardCardFacts extends Pick<RewardRunOptions, 'file' | 'base' | 'recipe' | 'seed'> {
  readonly config: { readonly kind: RewardKind; readonly labels: readonly string[] };
  readonly judgement: Judgement;
  readonly training: number;
}

const LEARNS: Readonly<Record<RewardKind, string>> = {
  bt: 'a reward r such that σ(r(chosen) − r(rejected)) is the chance of the preference (Bradley–Terry)',
  label: 'the probability of each label',
  gaussian: 'a normal distribution of the rating',
  dpl: 'a normal distribution of the utility, Φ((μ₁ − μ₂)/√(s₁² + s₂²)) being the chance of a preference',
  beta: 'a beta distribution of the share of raters who approve',
  categorical: 'a distribution of the utility over equally spaced values in [0, 1]',
};

const USES: Readonly<Record<RewardKind, (name: string, label: string) => string>> = {
  bt: (name) => `prior * exp(reward_model("${name}") / beta)`,
  label: (name, label) => `prior * exp(classifier("${name}", label = "${label}"))`,
  gaussian: (name) => `prior * exp(lower(uncertain_reward("${name}"), 1) / beta)`,
  dpl: (name) => `prior * exp(lower(uncertain_reward("${name}"), 1) / beta)`,
  beta: (name) => `prior * mean(uncertain_reward("${name}"))`,
  categorical: (name) => `prior * exp(quantile(uncertain_reward("${name}"), 0.1) / beta)`,
};

const figure = (value: number): string => value.toFixed(3);

/** The README of a trained reward model: what it learned from what, how well, and how it is used. */
export function rewardCard(name: string, f: RewardCardFacts): string {
  const { config, judgement: j, recipe: r } = f;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['learns', LEARNS[config.kind]],
    ['labels', config.labels.length > 0 ? config.labels.join(', ') : undefined],
    [
      'base',
      `${f.base}, its weights unchanged; ${r.head} head over ${r.pooling === 'last' ? 'the last state' : 'the mean state'}`,
    ],
    ['members', r.ensemble > 1 ? `${r.ensemble}, each from its own start and its own bootstrap of the examples` : '1'],
    ['data', `${f.file}: ${grouped(f.training)} examples to learn from, ${grouped(j.examples)} held out`],
    ['training', `${r.epochs} epochs, ${r.batch} examples a step, AdamW, peak rate ${r.rate}, seed ${f.seed}`],
    ['held-out loss', j.loss === null ? undefined : `${figure(j.loss)} nats an example`],
    ['held-out accuracy', j.accuracy === null ? undefined : figure(j.accuracy)],
    ['explained variance', j.explained === null ? undefined : figure(j.explained)],
    [
      'temperature',
      j.ece === null ? undefined : `${figure(j.temperature)}, fitted on the held-out examples and divided out`,
    ],
    [
      'calibration error',
      j.ece === null ? undefined : `${figure(j.ece.before)} before, ${figure(j.ece.after)} after (10 bins)`,
    ],
  ];
  return [
    `# ${name}`,
    '',
    'A model of what texts are worth, trained by `post train-reward`.',
    '',
    '| | |',
    '| --- | --- |',
    ...rows.flatMap(([what, value]) => (value === undefined ? [] : [`| ${what} | ${value} |`])),
    '',
    '```',
    USES[config.kind](name, config.labels[0] ?? ''),
    '```',
    '',
    'Rewards are about texts like those it has seen; far from them they mean little. What judges disagreed on is in no single number.',
    '',
  ].join('\n');
}
