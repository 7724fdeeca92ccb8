import type { Compared, ComparedRun, Comparison } from '@postulate/inference';
import { figure, grouped, NONE, shown } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { tableHtml } from '../plot.ts';
import type { ReportData } from '../data.ts';
import { groupedSection, type Section } from './section.ts';

const isRun = (c: Compared): c is ComparedRun => c.kind === 'ran';

function distances(c: Comparison) {
  return tableHtml({
    caption:
      'How far what each engine hands out (q) is from the posterior (p), nats; deviation: the figure that is off the most, in standard errors',
    head: ['engine', 'KL(p|q)', 'KL(q|p)', 'TV', 'JS', 'entropy of q', 'deviation'],
    rows: [
      ...(c.reference === null ? [] : [['posterior', '', '', '', '', shown(c.reference.entropy), '']]),
      ...c.engines
        .filter(isRun)
        .map((e) => [
          e.engine,
          shown(e.divergences.klForward),
          shown(e.divergences.klReverse),
          shown(e.divergences.tv),
          shown(e.divergences.js),
          shown(e.entropy),
          e.agreement === null ? NONE : `${e.agreement.worst.toFixed(1)} (${e.agreement.of})`,
        ]),
    ],
  });
}

function variety(c: Comparison) {
  const runs = c.engines.filter(isRun);
  const measures = Object.keys(c.prior.diversity);
  return tableHtml({
    caption: 'Variety of the draws, at equal numbers of texts',
    head: ['engine', ...measures],
    rows: [
      ['prior', ...measures.map((m) => shown(c.prior.diversity[m]))],
      ...(c.reference === null ? [] : [['posterior', ...measures.map((m) => shown(c.reference?.diversity[m]))]]),
      ...runs.map((e) => [e.engine, ...measures.map((m) => shown(e.diversity[m]))]),
    ],
  });
}

function cost(c: Comparison) {
  return tableHtml({
    caption: 'What each run cost',
    head: ['engine', 'model calls', 'factor calls', 'tokens', 'seconds'],
    rows: c.engines
      .filter(isRun)
      .map(({ engine, cost: { modelCalls, factorCalls, tokens, seconds } }) => [
        engine,
        grouped(modelCalls),
        grouped(factorCalls),
        tokens === null ? NONE : grouped(tokens),
        figure(Number(seconds.toPrecision(3))),
      ]),
  });
}

function failures(c: Comparison) {
  const failed = c.engines.flatMap((e) => (e.kind === 'ran' ? [] : [e]));
  if (failed.length === 0) return '';
  return html`<ul class="verdicts">
    ${failed.map((e) => html`<li><strong>${e.engine}</strong>: <span class="warn">${e.kind} (${e.code}): ${e.message}</span></li>`)}
  </ul>`;
}

/** The decomposition of a comparison: what the posterior says, and how well each engine says it. */
export function comparison(data: ReportData): Section | undefined {
  const head = { id: 'comparison', title: 'Misspecified or badly approximated' };
  return groupedSection(data, head, ({ comparison: c }) =>
    c === undefined ? undefined : html`${failures(c)}${distances(c)}${variety(c)}${cost(c)}`,
  );
}
