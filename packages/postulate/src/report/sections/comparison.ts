import type { Compared, ComparedRun, Comparison, Estimate } from '@postulate/inference';
import { estimateText, figure, grouped } from '../../cli/numbers.ts';
import { settingText } from '../../cli/sweep.ts';
import { html } from '../html.ts';
import { tableHtml } from '../plot.ts';
import type { ReportData } from '../data.ts';
import type { Section } from './section.ts';

const NONE = '–';
const shown = (e: Estimate | null | undefined): string =>
  e === null || e === undefined ? NONE : e.standardError === null ? figure(e.value) : estimateText(e);
const isRun = (c: Compared): c is ComparedRun => c.kind === 'ran';

function distances(c: Comparison) {
  return tableHtml({
    caption:
      'Bad approximation: how far what each engine hands out (q) is from the posterior (p), nats; deviations in standard errors',
    head: ['engine', 'KL(p|q)', 'KL(q|p)', 'TV', 'JS', 'entropy of q', 'entropy of p', 'deviation'],
    rows: c.engines
      .filter(isRun)
      .map((e) => [
        e.engine,
        shown(e.divergences.klForward),
        shown(e.divergences.klReverse),
        shown(e.divergences.tv),
        shown(e.divergences.js),
        shown(e.entropy),
        shown(c.reference?.entropy),
        e.agreement === null ? NONE : `${e.agreement.worst.toFixed(1)} (${e.agreement.of})`,
      ]),
  });
}

function varietyAndCost(c: Comparison) {
  const runs = c.engines.filter(isRun);
  const measures = Object.keys(runs[0]?.diversity ?? {});
  return tableHtml({
    caption: 'Variety of the draws at equal numbers, and cost',
    head: ['engine', ...measures, 'model calls', 'factor calls', 'tokens', 'seconds'],
    rows: [
      ['prior', ...measures.map((m) => shown(c.prior.diversity[m])), NONE, NONE, NONE, NONE],
      ...runs.map((e) => [
        e.engine,
        ...measures.map((m) => shown(e.diversity[m])),
        grouped(e.cost.modelCalls),
        grouped(e.cost.factorCalls),
        e.cost.tokens === null ? NONE : grouped(e.cost.tokens),
        figure(Number(e.cost.seconds.toPrecision(3))),
      ]),
    ],
  });
}

/** The decomposition of a comparison: what the posterior says, and how well each engine says it. */
export function comparison(data: ReportData): Section | undefined {
  if (data.comparisons.length === 0) return undefined;
  const parts = data.comparisons.map(({ setting, comparison: c }) => {
    const heading = [settingText(setting), ...Object.values(c.context)].filter((t) => t !== '').join(' · ');
    const failures = c.engines.flatMap((e) => (e.kind === 'ran' ? [] : [e]));
    return html`${heading === '' ? '' : html`<h3>${heading}</h3>`}${distances(c)}${varietyAndCost(c)}
    ${
      failures.length === 0
        ? ''
        : html`<ul>
            ${failures.map((e) => html`<li>${e.engine}: ${e.kind} (${e.code}), ${e.message}</li>`)}
          </ul>`
    }`;
  });
  return { id: 'comparison', title: 'Misspecified or badly approximated', body: html`${parts}` };
}
