import type { Estimate } from '@postulate/inference';
import { shown } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { interval, intervalPlot } from '../interval.ts';
import { figureHtml, Plot, tableHtml } from '../plot.ts';
import type { ReportData, ReportGroup } from '../data.ts';
import { coloursOf } from '../series.ts';
import { groupedSection, type Section } from './section.ts';

interface Row {
  readonly label: string;
  readonly expectations: Readonly<Record<string, Estimate | null>>;
}

/** Prior and posterior first, where a comparison knows them; then every run. */
function rowsOf({ comparison: c, runs }: ReportGroup): readonly Row[] {
  const known: Row[] = c === undefined ? [] : [{ label: 'prior', expectations: c.prior.expectations }];
  if (c?.reference) known.push({ label: 'posterior', expectations: c.reference.expectations });
  return [...known, ...runs.filter((r) => r.guarantee !== null)];
}

function plotOf(
  rows: readonly Row[],
  name: string,
  heading: string,
  colourOf: (label: string) => string,
): Html | string {
  const points = rows.flatMap((r) => interval(r.label, r.expectations[name], colourOf(r.label)) ?? []);
  if (points.length === 0) return '';
  const exact = points.find((p) => p.name === 'posterior')?.value;
  const mark = exact === undefined ? [] : [Plot.ruleX([exact], { stroke: 'var(--fg)', strokeDasharray: '3 3' })];
  const caption = `${name}${heading === '' ? '' : ` for ${heading}`}: mean and 95% interval${exact === undefined ? '' : '; the dashed line is the posterior'}`;
  return figureHtml(caption, intervalPlot(points, name, mark), {
    caption: `Mean of ${name}`,
    head: ['', 'mean', '95% from', 'to'],
    rows: points.map((p) => [p.name, p.text, p.lo.toPrecision(4), p.hi.toPrecision(4)]),
  });
}

function groupOf(group: ReportGroup, colourOf: (label: string) => string): Html | undefined {
  const rows = rowsOf(group);
  const names = [...new Set(rows.flatMap((r) => Object.keys(r.expectations)))];
  if (names.length === 0) return undefined;
  const table = tableHtml({
    caption: 'Means of the named scores and events',
    head: ['', ...names],
    rows: rows.map((r) => [r.label, ...names.map((n) => shown(r.expectations[n]))]),
  });
  return html`${table}
    <div class="plots">${names.map((n) => plotOf(rows, n, group.heading, colourOf))}</div>`;
}

const LEAD = html`<p class="dim">
  The posterior beside its prior tells whether it says what was meant; a run beside the posterior, whether it was well
  approximated.
</p>`;

/** Expectations of every named score and event: under the prior, the posterior, and each approximation. */
export function expectations(data: ReportData): Section | undefined {
  const colourOf = coloursOf(data);
  const compares = data.groups.some((g) => g.comparison !== undefined);
  const head = { id: 'expectations', title: 'Expectations', lead: compares ? LEAD : undefined };
  return groupedSection(data, head, (group) => groupOf(group, colourOf));
}
