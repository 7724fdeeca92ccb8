import { nodeText, posteriorOutputs, PostError, type ModelGraph } from '@postulate/graph';
import { bind, engineNamed, run, seededChooser, withFittedMoments, type Target } from '@postulate/inference';
import type { Models } from '@postulate/models';
import { modelLaws } from './model.ts';
import { posteriorLaws } from './posterior.ts';
import { functionLaws, potentialLaws } from './potential.ts';
import { lawBook, type LawReport } from './report.ts';
import { lawBatches } from './sequences.ts';

/** What the laws say of one posterior. */
export interface LawsOf {
  readonly posterior: string;
  readonly context: string;
  readonly reports: readonly LawReport[];
}

export interface BuiltInLawOptions {
  readonly seed?: string;
  /** Token sequences for each law; default 200. */
  readonly texts?: number;
}

const named = (who: string, reports: readonly LawReport[]): readonly LawReport[] =>
  reports.filter((r) => r.checked > 0).map((r) => ({ ...r, law: `${who}: ${r.law}` }));

/** Every text that weighs something has mass under the prior, and hard events are absolute: nothing outside them is drawn. */
async function supportLaw(target: Target, texts: number, seed: string): Promise<LawReport> {
  const book = lawBook('support is inside the prior, and hard factors are absolute');
  const fits = engineNamed('exact').fitness(target).fits;
  const { draws } = await run(target, { engine: fits ? 'exact' : 'auto', draws: Math.min(texts, 100), seed });
  for (const d of draws) {
    book.check(d.logPrior > -Infinity, () => `[${d.tokens}] was drawn and has no mass under the prior`);
    book.check(d.logFactor > -Infinity, () => `[${d.tokens}] was drawn and one of its factors is 0`);
  }
  return book.report();
}

/** The laws that rewrite a target are asked of the exact engine, where it applies to every rewriting. */
async function rewritingLaws(target: Target): Promise<readonly LawReport[]> {
  const { target: fitted } = await withFittedMoments(target, seededChooser('laws'));
  if (!engineNamed('exact').fitness(fitted).fits) return [];
  const bare = { ...fitted, named: [] };
  try {
    return await posteriorLaws(bare, (t) => run(t, { engine: 'exact', draws: 16, seed: 'laws' }), { draws: false });
  } catch (error) {
    if (error instanceof PostError && error.code === 'P600') return [];
    throw error;
  }
}

/** Two evaluations of one text give one answer, to the last bit: externs too. */
async function deterministic(target: Target, texts: number, seed: string): Promise<LawReport> {
  const book = lawBook('scores and events give the same answer twice');
  for (const batch of await lawBatches(target.prior, texts, seededChooser(seed))) {
    for (const f of target.named) {
      const first = await f.values({ ...batch });
      const second = await f.values({ ...batch });
      first.forEach((v, i) => book.check(Object.is(v, second[i]), () => `${f.name} is ${v} and then ${second[i]}`));
    }
  }
  return book.report();
}

/** The built-in laws of one bound posterior. */
export async function lawsOfTarget(
  target: Target,
  { texts = 200, seed = '0' }: BuiltInLawOptions = {},
): Promise<readonly LawReport[]> {
  const { prior } = target;
  const options = { texts, seed };
  const reports: LawReport[] = [...named('prior', await modelLaws(prior, options))];
  for (const factor of target.stages.flatMap((s) => s.factors)) {
    reports.push(...named(factor.label, await potentialLaws(factor, prior, options)));
  }
  for (const f of target.named) reports.push(...named(f.name, await functionLaws(f, prior, options)));
  reports.push(await deterministic(target, texts, seed), await supportLaw(target, texts, seed));
  return [...reports, ...(await rewritingLaws(target))];
}

/**
 * Asks the built-in laws of every posterior of a file: the prior is normalised, factors keep their bounds and ranges, events and
 * scores agree with their automata, evaluation is deterministic, hard events are absolute, and the posterior does not depend on
 * how it is written (order and grouping of factors, a constant more, conditioning twice, β → ∞). A law that says nothing of a
 * posterior is left out.
 */
export async function* builtInLaws(
  graph: ModelGraph,
  models: Models,
  options: BuiltInLawOptions = {},
): AsyncGenerator<LawsOf> {
  for (const output of posteriorOutputs(graph)) {
    for (const target of await bind(graph, output.name, models)) {
      const context = Object.values(target.context).join(', ');
      yield { posterior: nodeText(graph, output.node), context, reports: await lawsOfTarget(target, options) };
    }
  }
}
