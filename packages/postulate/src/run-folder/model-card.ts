import type { FitResult, Result } from '../api/types.ts';
import { percent, shown } from '../cli/numbers.ts';
import type { RunIdentity } from './identity.ts';

/** What each engine makes small, as a card says it. */
const OBJECTIVES: Readonly<Record<string, string>> = {
  'kl-rl': 'reverse KL(π ‖ p): the return of KL-regularised reinforcement learning, a lower bound of log Z',
  gdc: 'forward KL(p ‖ π)',
  'f-dpg': 'an f-divergence between policy and posterior',
  'trajectory-balance':
    'the variance of log γ − log π over own, replayed and tempered texts (reverse KL on its own draws)',
  dpo: 'the loss of direct preference optimisation on pairs with Bradley–Terry noise from the stated reward',
  sft: 'the cross entropy of draws of another engine',
  rl: 'minus the expected reward alone. **This is not the posterior**: nothing keeps the policy near the prior',
};

const settings = (values: Readonly<Record<string, unknown>>): string =>
  Object.entries(values)
    .map(([k, v]) => `${k}=${String(v)}`)
    .join(', ');

const table = (rows: readonly (readonly [string, string])[]): readonly string[] => [
  '| figure | of the policy |',
  '| --- | --- |',
  ...rows.map(([a, b]) => `| ${a} | ${b} |`),
];

function distance(r: Result): readonly string[] {
  const d = r.details?.divergences ?? {};
  const infinite = (name: string): string => (r.unavailable[name] === undefined ? shown(d[name]) : 'inf');
  const violating = r.diagnostics.extra['violatingMass'] ?? 0;
  return [
    ...(r.context === undefined ? [] : [`### ${JSON.stringify(r.context)}`, '']),
    ...table([
      ['KL(p ‖ π), nats', infinite('klForward')],
      ['KL(π ‖ p), nats', infinite('klReverse')],
      ['total variation', shown(d['tv'])],
      ['log Z, by weighting its draws', shown(r.logZ)],
      ['lower bound of log Z (ELBO)', shown(r.details?.bounds?.lower)],
      ['entropy, nats', shown(r.entropy)],
      ['KL to the prior, nats', shown(r.klToPrior)],
      ['mass on texts that the posterior rules out', percent(violating)],
      ...Object.entries(r.expectations).map(([name, e]) => [`E[${name}]`, shown(e)] as const),
    ]),
    '',
    `Verdict: ${r.diagnostics.verdict}`,
    '',
  ];
}

/** `README.md` of a run folder: which posterior, by which objective, and how far from it the policy is. */
export function modelCard(identity: RunIdentity, fit: FitResult): string {
  const params = Object.keys(identity.params).length === 0 ? 'none' : settings(identity.params);
  const early = fit.reason === undefined ? '' : ` It stopped early: ${fit.reason}.`;
  return [
    `# A policy for the posterior \`${identity.posterior}\``,
    '',
    `Trained by \`post fit\` with the engine \`${fit.engine}\` for ${fit.steps} steps (${fit.parameters} parameters).${early}`,
    'It is read back by `fitted("…")` in a `.post` file, and corrected to the posterior itself by `--proposal` of `post sample`.',
    '',
    '## Target',
    '',
    '```post',
    identity.program.text.trimEnd(),
    '```',
    '',
    `Params (β among them, where the file has one): ${params}. Meaning of the posterior: \`${identity.graphHash}\`.`,
    '',
    '## Objective',
    '',
    `It makes small: ${OBJECTIVES[fit.engine] ?? fit.engine}.`,
    `Options: ${settings(fit.options)}. Seed ${identity.seed}.`,
    '',
    '## Guarantee',
    '',
    'Variational: the policy is some way from the posterior, as measured below on its own draws. What such draws never show is not',
    'seen: a part of the posterior that the policy gives next to no mass makes KL(p ‖ π) look smaller than it is. Draws that are',
    'weighted or accepted against the posterior (`--engine importance`, `smc`, `mh`, `rejection` with `--proposal`) do not have that error.',
    '',
    '## Distance to the posterior',
    '',
    ...fit.results.flatMap(distance),
    ...(fit.heldOut.length === 0
      ? []
      : [`Held out of the training: ${fit.heldOut.map((c) => JSON.stringify(c)).join(', ')}.`, '']),
  ].join('\n');
}
