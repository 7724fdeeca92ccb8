import { estimateText } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { figureHtml, tableHtml } from '../plot.ts';
import type { ReportData } from '../data.ts';
import { interval, intervalPlot } from './evidence.ts';
import type { Section } from './section.ts';

interface Column {
  readonly label: string;
  readonly expectations: ReportData['runs'][number]['expectations'];
}

/** Prior and posterior first, where a comparison knows them; then every run. */
function columns(data: ReportData): readonly Column[] {
  const first = data.comparisons.length === 1 ? data.comparisons[0].comparison : undefined;
  const known: Column[] = first === undefined ? [] : [{ label: 'prior', expectations: first.prior.expectations }];
  if (first?.reference) known.push({ label: 'posterior', expectations: first.reference.expectations });
  return [...known, ...data.runs];
}

/** Expectations of every named score and event: under the prior, the posterior, and each approximation. */
export function expectations(data: ReportData): Section | undefined {
  const cols = columns(data);
  const names = [...new Set(cols.flatMap((c) => Object.keys(c.expectations)))];
  if (names.length === 0) return undefined;
  const plots = names.map((name) => {
    const rows = cols.flatMap((c, i) => interval(c.label, c.expectations[name] ?? null, i) ?? []);
    return rows.length === 0 ? '' : figureHtml(`${name}: mean and 95% interval`, intervalPlot(rows, name));
  });
  const table = tableHtml({
    caption:
      'What was wanted, and what came: the posterior beside its prior tells whether it says what was meant; a run beside the posterior whether it was well approximated',
    head: ['', ...cols.map((c) => c.label)],
    rows: names.map((n) => [n, ...cols.map((c) => (c.expectations[n] ? estimateText(c.expectations[n]) : '–'))]),
  });
  return {
    id: 'expectations',
    title: 'Expectations',
    body: html`${table}
      <div class="plots">${plots}</div>`,
  };
}
