import { fail, PostError, type Diagnostic } from '@postulate/graph';
import type { Chooser, TextBatch } from '@postulate/models';
import { certainFactor, certainty, fitMoments, fitMomentsOnSample, tiltFactor } from '../moments/index.ts';
import type { BoundMoment, Factor, Target } from '../port/index.ts';
import { factorsOf, logFactors } from './density.ts';
import { withTexts as asTexts } from '../dp/texts.ts';

/** A target of one stage without moments: their multipliers have become factors exp(λ f). */
export interface FittedTarget {
  readonly target: Target;
  readonly lambda: readonly number[] | null;
  /** Texts of the prior that a pilot took. */
  readonly modelCalls: number;
  readonly warnings: readonly Diagnostic[];
}

/** Texts of the prior that multipliers are fitted on where they cannot be had exactly. */
export const PILOT = 20_000;

interface Pilot {
  readonly batch: TextBatch;
  readonly logWeights: Float64Array;
}

/** A sample cannot prove that a moment is out of reach; it can only not show it. */
function outOfPilot(error: PostError): PostError {
  const [d] = error.diagnostics;
  return fail('P405', `${d.message}, as far as ${PILOT} texts of the prior show`, { span: d.span, cause: error });
}

/** Multipliers of one stage from weighted draws of the prior; says how far off each may be. */
async function fitOnPilot(moments: readonly BoundMoment[], pilot: Pilot): Promise<{ lambda: number[]; note: string }> {
  const columns: Float64Array[] = [];
  for (const m of moments) columns.push(await m.function.values(pilot.batch));
  const live = Array.from(pilot.logWeights.keys()).filter((i) => pilot.logWeights[i] > -Infinity);
  if (live.length === 0) {
    throw fail('P604', `none of ${PILOT} texts of the prior has positive weight, so the moments cannot be fitted`, {
      span: moments[0].span,
    });
  }
  const values = Float64Array.from(live.flatMap((i) => columns.map((c) => c[i])));
  const goals = moments.map((m) => ({ ...m, name: m.function.name, kind: m.function.kind }));
  const weights = Float64Array.from(live, (i) => pilot.logWeights[i]);
  const { lambda, standardErrors } = await fitMomentsOnSample(values, weights, goals).catch((error: unknown) => {
    throw error instanceof PostError && error.code === 'P405' ? outOfPilot(error) : error;
  });
  const note = goals
    .map((g, i) => `${g.name}: ${lambda[i].toPrecision(4)} ± ${standardErrors[i].toPrecision(2)}`)
    .join(', ');
  return { lambda: [...lambda], note };
}

/** The pilot's weights after the factors that a stage has gained. */
async function reweigh(pilot: Pilot, factors: readonly Factor[]): Promise<Pilot> {
  const { logFactor } = await logFactors(factors, pilot.batch);
  return { batch: pilot.batch, logWeights: pilot.logWeights.map((w, i) => (w === -Infinity ? w : w + logFactor[i])) };
}

/** Turns moments into factors by weighted draws of the prior; `why` says why it is not done exactly. */
export async function withPilotMoments(target: Target, chooser: Chooser, why: string): Promise<FittedTarget> {
  const { prior } = target;
  const batch = asTexts(prior.vocabulary, await prior.sample(PILOT, chooser));
  let pilot: Pilot = { batch, logWeights: new Float64Array(batch.size) };
  const factors: Factor[] = [];
  const lambda: number[] = [];
  const notes: string[] = [];
  for (const stage of target.stages) {
    const certain = stage.moments.map(certainty);
    const fresh = [...stage.factors];
    stage.moments.forEach((m, i) => {
      const holds = certain[i];
      if (holds !== undefined) fresh.push(certainFactor(m, holds, prior.maxTokens));
    });
    pilot = await reweigh(pilot, fresh);
    const free = stage.moments.filter((_, i) => certain[i] === undefined);
    const fit = free.length > 0 ? await fitOnPilot(free, pilot) : { lambda: [], note: '' };
    const tilts = free.map((m, i) => tiltFactor(m, fit.lambda[i], prior.maxTokens));
    pilot = await reweigh(pilot, tilts);
    factors.push(...fresh, ...tilts);
    if (free.length > 0) notes.push(fit.note);
    let next = 0;
    certain.forEach((c) => lambda.push(c === undefined ? fit.lambda[next++] : c ? Infinity : -Infinity));
  }
  const warning: Diagnostic = {
    code: 'P606',
    severity: 'warning',
    message: `the multipliers were fitted on ${PILOT} texts of the prior (${notes.join('; ')}), because ${why}`,
    help: 'the standard errors of the other figures do not include this error',
  };
  return { target: { ...target, stages: [{ factors, moments: [] }] }, lambda, modelCalls: PILOT, warnings: [warning] };
}

/**
 * Turns moments into factors: exactly where that can be done, else on a pilot sample of the prior with a warning that
 * gives the error. Throws P405 where a moment is out of reach, P403 where nothing has mass, P604 where the pilot died.
 */
export async function withFittedMoments(target: Target, chooser: Chooser, signal?: AbortSignal): Promise<FittedTarget> {
  if (target.stages.every((s) => s.moments.length === 0)) {
    const stages = [{ factors: factorsOf(target), moments: [] }];
    return { target: { ...target, stages }, lambda: null, modelCalls: 0, warnings: [] };
  }
  const fitted = await fitMoments(target, { signal });
  if ('reason' in fitted) return withPilotMoments(target, chooser, fitted.reason);
  return { ...fitted, modelCalls: 0, warnings: [] };
}
