import { PostError } from '@postulate/graph';
import { withFittedMoments } from '../../bind/index.ts';
import type { Chooser } from '@postulate/models';
import type { Engine, Request, Step, Target } from '../../port/index.ts';
import { chooseSampler, EXACT, IMPORTANCE, type AnyEngine, type AutoOptions } from './candidates.ts';

interface AutoState {
  readonly target: Target;
  readonly options: AutoOptions;
  readonly request: Request;
  readonly chooser: Chooser;
  readonly reasons: string[];
  engine: AnyEngine;
  inner: unknown;
  /** Multipliers, where the moments were fitted before a sampling engine took over. */
  lambda: readonly number[] | null;
}

async function enter(s: AutoState, engine: AnyEngine, target: Target): Promise<void> {
  s.engine = engine;
  s.inner = await engine.init(target, engine.defaults, s.request, s.chooser.split(engine.name));
}

async function enterSampler(s: AutoState): Promise<void> {
  const fitted = await withFittedMoments(s.target, s.chooser.split('moments'), s.request.signal);
  const choice = await chooseSampler(fitted.target, s.options, s.request, s.chooser.split('pilot'));
  s.lambda = fitted.lambda;
  s.reasons.push(...fitted.warnings.map((w) => w.message), ...choice.reasons);
  await enter(s, choice.engine, fitted.target);
}

/** A chunk of the sampling engine. Where it is asked for before this state has chosen one, exact did not get through elsewhere. */
async function chunk(s: AutoState, index: number, input?: unknown): Promise<unknown> {
  if (s.engine === EXACT) await enterSampler(s);
  return s.engine.chunk!(s.inner, index, input);
}

/** One step of the chosen engine; where exact turns out to be too large on the way, a sampling engine takes over. */
async function step(s: AutoState): Promise<Step<AutoState>> {
  try {
    const next = await s.engine.step(s.inner, s.chooser.split(s.engine.name));
    s.inner = next.state;
    return { ...next, state: s };
  } catch (error) {
    if (s.engine !== EXACT || !(error instanceof PostError) || error.code !== 'P600') throw error;
    s.reasons.splice(0, 1, `not exact: ${error.diagnostics[0].message}`);
    await enterSampler(s);
    return { state: s, draws: [], progress: { phase: s.engine.name, draws: 0, wanted: s.request.draws }, done: false };
  }
}

/**
 * Chooses an engine: exact where it applies, else rejection where a pilot run accepts enough, else one that is steered by
 * what prefixes tell (smc, awrs), else importance. The result names the engine that ran and the reasons.
 */
export const autoEngine: Engine<AutoOptions, AutoState> = {
  name: 'auto',
  summary: 'exact if it applies, else rejection if a pilot accepts enough, else smc, awrs or importance; says why',
  guarantee: 'consistent',
  requires: { prior: ['sample'], factors: ['completeScore'] },
  defaults: { pilot: 1000, maxProposals: 1_000_000 },
  optionHelp: {
    pilot: 'texts of the prior on which the acceptance rate of rejection is tried',
    maxProposals: 'most texts of the prior that rejection is expected to need for it to be chosen',
  },
  fitness: () => ({ fits: true, note: 'always: chooses among the others' }),
  async init(target, options, request, chooser) {
    const s: AutoState = {
      target,
      options,
      request,
      chooser,
      reasons: [],
      engine: EXACT,
      inner: undefined,
      lambda: null,
    };
    const exact = EXACT.fitness(target);
    if (exact.fits) {
      s.reasons.push(`exact, because it applies${exact.note === undefined ? '' : `: ${exact.note}`}`);
      await enter(s, EXACT, target);
    } else if (request.proposal !== undefined) {
      s.reasons.push(`not exact: ${exact.reason}`, 'importance, because there is a policy to propose from');
      await enter(s, IMPORTANCE, target);
    } else {
      s.reasons.push(`not exact: ${exact.reason}`);
      await enterSampler(s);
    }
    return s;
  },
  chunk,
  step,
  async finish(s) {
    const result = await s.engine.finish(s.inner);
    return { ...result, lambda: result.lambda ?? s.lambda, reasons: [...s.reasons, ...(result.reasons ?? [])] };
  },
};
