import {
  openFit,
  type Approximation,
  type Checkpoint,
  type Fit,
  type StepMetrics,
  type Target,
} from '@postulate/inference';
import { packModel } from '@postulate/models';
import { contextText, textDraw } from './run.ts';
import { expecting } from './options.ts';
import type { FitFolder, FitOptions, FitResult, Result } from './types.ts';

/** Milliseconds of steps between two looks at the outside world. */
const SLICE = 25;

async function keep(fit: Fit, folder: FitFolder | undefined): Promise<void> {
  if (folder === undefined) return;
  const { trainer } = fit;
  folder.keep(await trainer.checkpoint(), packModel(await trainer.stored()));
}

/** Steps to the end, or until the signal; a checkpoint every so many steps and at the end. */
async function train(fit: Fit, o: FitOptions): Promise<void> {
  const { trainer } = fit;
  const every = o.checkpointEvery ?? 50;
  let rested = Date.now();
  let began = performance.now();
  while (!trainer.done && o.signal?.aborted !== true) {
    const metrics: StepMetrics = await trainer.advance();
    const now = performance.now();
    const line = { ...metrics, seconds: (now - began) / 1000 };
    began = now;
    o.folder?.log(line);
    o.onStep?.(line);
    if (trainer.training.step % every === 0 && !trainer.done) await keep(fit, o.folder);
    if (Date.now() - rested < SLICE) continue;
    await new Promise((resolve) => setImmediate(resolve));
    rested = Date.now();
  }
  await keep(fit, o.folder);
}

function resultOf(target: Target, a: Approximation, graphHash: string, seed: string, stopped: boolean): Result {
  const context = contextText(target);
  return {
    ...a,
    ...{ posterior: target.name, graphHash, seed, stopped },
    ...(context === undefined ? {} : { context }),
    draws: a.draws.map((d) => textDraw(target, d)),
  };
}

/** Trains one policy for all members of a family. */
export async function fitTargets(targets: readonly Target[], o: FitOptions): Promise<FitResult> {
  const reported = targets.map((t) => expecting(t, o.expect));
  const { engine, options, seed = '0', signal, onMessage } = o;
  const fit = await openFit(reported, { engine, options, seed, signal, onMessage });
  const from: Checkpoint | undefined = o.folder?.resumed();
  if (from !== undefined) await fit.trainer.restore(from);
  await train(fit, o);
  const results: Result[] = [];
  const stopped = signal?.aborted === true;
  if (!stopped) {
    for (const [i, target] of reported.entries()) {
      const approximation = await fit.result(i, o.draws ?? 100);
      results.push(resultOf(target, approximation, target.graphHash, seed, false));
    }
  }
  const { training } = fit.trainer;
  return {
    engine: fit.engine,
    options: fit.options,
    steps: training.step,
    parameters: fit.trainer.policy.parameters,
    heldOut: results.flatMap((r, i) => (training.trained.includes(i) ? [] : [r.context ?? ''])),
    results,
    stopped,
    ...(fit.trainer.stopped === undefined ? {} : { reason: fit.trainer.stopped }),
  };
}
