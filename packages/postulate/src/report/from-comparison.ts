import type { Comparison, ComparedRun } from '@postulate/inference';
import { decode } from '@postulate/models';
import { settingText, type Setting } from '../cli/sweep.ts';
import type { ReportData, ReportRun } from './data.ts';

/** One setting of a sweep and what came of it; a family of contexts gives several comparisons. */
export interface Swept {
  readonly setting: Setting;
  readonly comparisons: readonly Comparison[];
}

function reportRun(e: ComparedRun, c: Comparison, setting: Setting, several: boolean): ReportRun {
  const { vocabulary } = c;
  const which = [settingText(setting), ...Object.values(c.context)].filter((t) => t !== '').join(', ');
  const { result } = e;
  return {
    label: several && which !== '' ? `${e.engine} (${which})` : e.engine,
    engine: e.engine,
    guarantee: e.guarantee,
    setting,
    logZ: result.logZ,
    entropy: e.entropy ?? result.entropy,
    klToPrior: result.klToPrior,
    expectations: e.expectations,
    diagnostics: result.diagnostics,
    reasons: result.reasons ?? [],
    tokens: (token) => vocabulary.tokens[token] ?? '⏹',
    separator: vocabulary.separator,
    draws: result.draws.slice(0, 200).map((d) => ({
      text: decode(vocabulary, d.tokens),
      logPrior: d.logPrior,
      logFactor: d.logFactor,
    })),
    details: result.details ?? {},
  };
}

/** What `post compare` found, as a page shows it. */
export function reportOfComparison(
  swept: readonly Swept[],
  program: ReportData['program'],
  version: string,
): ReportData {
  const comparisons = swept.flatMap(({ setting, comparisons: cs }) => cs.map((c) => ({ setting, comparison: c })));
  const first = comparisons[0].comparison;
  const several = comparisons.length > 1;
  const runs = comparisons.flatMap(({ setting, comparison: c }) =>
    c.engines.flatMap((e) => (e.kind === 'ran' ? [reportRun(e, c, setting, several)] : [])),
  );
  const { posterior, graphHash, seed } = first;
  return { posterior, graphHash, seed, version, program, runs, comparisons };
}
