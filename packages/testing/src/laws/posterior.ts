import type { Approximation, Draw, Target } from '@postulate/inference';
import { close, lawBook, type LawReport } from './report.ts';
import { conditionedTwice, constantFactor, flattened, groupedFactors, reversedFactors, withFactor } from './rewrite.ts';

/** Runs a target by some engine, always with the same options and seed. */
export type Runner = (target: Target) => Promise<Approximation>;

export interface AgreementOptions {
  /** By how much the right-hand logZ is larger, nats; default 0. */
  readonly logZShift?: number;
  /** Relative above 1, absolute below; default 1e-9. */
  readonly tolerance?: number;
  /** Whether the draws must be the same, one by one; default true. */
  readonly draws?: boolean;
}

const sameDraw = (a: Draw, b: Draw) =>
  a.finished === b.finished && a.tokens.length === b.tokens.length && a.tokens.every((t, i) => t === b.tokens[i]);

function figures(run: Approximation): Map<string, number> {
  const all = new Map<string, number>();
  const put = (name: string, value: number | undefined) => value !== undefined && all.set(name, value);
  put('entropy', run.entropy?.value);
  for (const [name, e] of Object.entries(run.expectations)) put(`E(${name})`, e?.value);
  for (const row of run.support ?? []) put(`P(${JSON.stringify(row.text)})`, row.probability);
  return all;
}

/** Two runs that must describe the same distribution: logZ up to a shift, entropy, expectations, support, draws. */
export function agreement(
  law: string,
  left: Approximation,
  right: Approximation,
  options: AgreementOptions = {},
): LawReport {
  const { logZShift = 0, tolerance = 1e-9, draws = true } = options;
  const book = lawBook(law);
  if (left.logZ !== null && right.logZ !== null) {
    const [a, b] = [left.logZ.value, right.logZ.value];
    book.check(close(b, a + logZShift, tolerance), () => `logZ ${a} and ${b}, shift ${logZShift}`);
  }
  const [l, r] = [figures(left), figures(right)];
  for (const [name, a] of l) {
    const b = r.get(name);
    if (b !== undefined) book.check(close(b, a, tolerance), () => `${name} is ${a} and ${b}`);
  }
  if (draws) {
    book.check(left.draws.length === right.draws.length, () => `${left.draws.length} and ${right.draws.length} draws`);
    const n = Math.min(left.draws.length, right.draws.length);
    for (let i = 0; i < n; i++)
      book.check(
        sameDraw(left.draws[i], right.draws[i]),
        () => `draw ${i}: [${left.draws[i].tokens}] and [${right.draws[i].tokens}]`,
      );
  }
  return book.report();
}

/** Two targets that mean the same posterior (written differently, or bound from two files) under one runner. */
export async function samePosterior(
  law: string,
  left: Target,
  right: Target,
  run: Runner,
  options: AgreementOptions = {},
): Promise<LawReport> {
  return agreement(law, await run(left), await run(right), options);
}

/** `shifted` is `base` with c added to its reward: same draws, logZ larger by c/β. */
export const shiftLaw = (base: Target, shifted: Target, by: number, run: Runner, options: AgreementOptions = {}) =>
  samePosterior('r + c leaves draws unchanged and moves logZ by c/beta', base, shifted, run, {
    ...options,
    logZShift: by,
  });

/** `momentForm` says P(e) = 1, `eventForm` says indicator(e). */
export const certaintyLaw = (momentForm: Target, eventForm: Target, run: Runner, options: AgreementOptions = {}) =>
  samePosterior('P(e) = 1 is indicator(e)', momentForm, eventForm, run, options);

const bare = (target: Target): Target => ({ ...target, stages: [{ factors: [], moments: [] }] });

/** φ = 1 returns the prior: logZ and the divergence to the prior are 0. */
export async function unitLaw(target: Target, run: Runner, options: AgreementOptions = {}): Promise<LawReport> {
  const { tolerance = 1e-9 } = options;
  const one = withFactor(bare(target), constantFactor(target, 0));
  const [prior, result] = [await run(bare(target)), await run(one)];
  const book = lawBook('a factor of 1 returns the prior');
  const zero = (name: string, x: number | undefined) =>
    x !== undefined && book.check(close(x, 0, tolerance), () => `${name} is ${x}`);
  zero('logZ', result.logZ?.value);
  zero('KL to the prior', result.klToPrior?.value);
  const same = agreement('', prior, result, options);
  book.check(same.holds, () => same.counterexample ?? '');
  return book.report();
}

/** β → ∞ gives the prior: with β times 1e9, logZ is within 1e-6 of 0 and so are the differences of all figures. */
export async function flatLaw(target: Target, run: Runner, options: AgreementOptions = {}): Promise<LawReport> {
  const soft = bare(target);
  const left = await run(soft);
  const right = await run({
    ...flattened(target, 1e9),
    stages: flattened(target, 1e9).stages.map((s) => ({ ...s, moments: [] })),
  });
  return agreement('beta to infinity gives the prior', left, right, { tolerance: 1e-6, draws: false, ...options });
}

/**
 * All laws that a single target allows, by rewriting it. The runner's engine must be able to run each rewriting.
 * With an engine whose draws depend on rounding (regrouped sums), pass `draws: false`.
 */
export async function posteriorLaws(target: Target, run: Runner, options: AgreementOptions = {}): Promise<LawReport[]> {
  const base = await run(target);
  const shift = 1.25;
  const rewritten = async (law: string, other: Target, more: AgreementOptions = {}) =>
    agreement(law, base, await run(other), { ...options, ...more });
  return [
    await rewritten(
      'r + c leaves draws unchanged and moves logZ by c/beta',
      withFactor(target, constantFactor(target, shift)),
      {
        logZShift: shift,
      },
    ),
    await rewritten('the order of factors does not matter', reversedFactors(target)),
    await rewritten('the grouping of factors does not matter', groupedFactors(target)),
    await rewritten('conditioning twice is conditioning once', conditionedTwice(target)),
    await unitLaw(target, run, options),
    await flatLaw(target, run, { draws: false }),
  ];
}
