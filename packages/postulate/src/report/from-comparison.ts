import type { ComparedRun, Comparison } from '@postulate/inference';
import { decode } from '@postulate/models';
import { oneLine } from '../cli/summary.ts';
import { settingText, type Setting } from '../cli/sweep.ts';
import { DRAWS_SHOWN, END, type ReportData, type ReportGroup, type ReportRun } from './data.ts';

/** One setting of a sweep and what came of it; a family of contexts gives several comparisons. */
export interface Swept {
  readonly setting: Setting;
  readonly comparisons: readonly Comparison[];
}

function reportRun(e: ComparedRun, { vocabulary, seed }: Comparison): ReportRun {
  const { result } = e;
  return {
    label: e.engine,
    engine: e.engine,
    guarantee: e.guarantee,
    seed,
    logZ: result.logZ,
    entropy: e.entropy ?? result.entropy,
    klToPrior: result.klToPrior,
    expectations: e.expectations,
    diagnostics: result.diagnostics,
    reasons: result.reasons ?? [],
    tokens: (token) => vocabulary.tokens[token] ?? END,
    separator: vocabulary.separator,
    draws: result.draws.slice(0, DRAWS_SHOWN).map((d) => ({
      text: decode(vocabulary, d.tokens),
      logPrior: d.logPrior,
      logFactor: d.logFactor,
    })),
    drawn: result.draws.length,
    details: result.details ?? {},
  };
}

function reportGroup(c: Comparison, setting: Setting, several: boolean): ReportGroup {
  const context = Object.values(c.context).join(', ');
  const heading = [settingText(setting), context === '' ? '' : `“${oneLine(context)}”`].filter((t) => t !== '');
  return {
    heading: several ? heading.join(' · ') : '',
    posterior: c.posterior,
    graphHash: c.graphHash,
    setting,
    context,
    runs: c.engines.flatMap((e) => (e.kind === 'ran' ? [reportRun(e, c)] : [])),
    comparison: c,
  };
}

/** What `post compare` found, as a page shows it. */
export function reportOfComparison(
  swept: readonly Swept[],
  program: ReportData['programs'][number],
  version: string,
): ReportData {
  const all = swept.flatMap(({ setting, comparisons }) => comparisons.map((c) => ({ c, setting })));
  return {
    title: all[0].c.posterior,
    version,
    notes: [],
    programs: [program],
    groups: all.map(({ c, setting }) => reportGroup(c, setting, all.length > 1)),
  };
}
