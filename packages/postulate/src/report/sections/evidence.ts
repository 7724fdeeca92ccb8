import { estimateText, NONE } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { interval, intervalPlot } from '../interval.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData, ReportGroup } from '../data.ts';
import { coloursOf } from '../series.ts';
import type { Section } from './section.ts';

const BRACKET = { fill: 'var(--fg)', fontSize: 16 };

/** Two-sided bounds on log Z. */
function boundsOf({ runs }: ReportGroup) {
  return runs.flatMap(({ label, details: { bounds: b } }) => {
    if (!b?.lower || !b.upper) return [];
    const text = `${estimateText(b.lower)} to ${estimateText(b.upper)}`;
    return [{ name: label, lo: b.lower.value, hi: b.upper.value, text }];
  });
}

function figureOf(group: ReportGroup, colourOf: (label: string) => string) {
  const rows = group.runs.flatMap((r) => interval(r.label, r.logZ, colourOf(r.label)) ?? []);
  if (rows.length === 0) return undefined;
  const bounds = boundsOf(group);
  const exact = group.runs.find((r) => r.logZ?.kind === 'exact')?.logZ?.value;
  const marks = [
    ...(exact === undefined ? [] : [Plot.ruleX([exact], { stroke: 'var(--fg)', strokeDasharray: '3 3' })]),
    Plot.ruleY(bounds, { y: 'name', x1: 'lo', x2: 'hi', stroke: 'var(--band)', strokeWidth: 12 }),
    Plot.text(bounds, { y: 'name', x: 'lo', text: () => '[', ...BRACKET }),
    Plot.text(bounds, { y: 'name', x: 'hi', text: () => ']', ...BRACKET }),
  ];
  const caption = [
    `log Z${group.heading === '' ? '' : ` for ${group.heading}`} by each run with its 95% interval`,
    ...(bounds.length > 0 ? ['the brackets are the two-sided bound, in expectation'] : []),
    ...(exact === undefined ? [] : ['the dashed line is the exact value']),
  ].join('; ');
  return figureHtml(caption, intervalPlot(rows, 'log Z (nats)', marks), {
    caption: 'log Z, nats',
    head: ['run', 'log Z', 'bound'],
    rows: rows.map((r) => [r.name, r.text, bounds.find((b) => b.name === r.name)?.text ?? NONE]),
  });
}

/** log Z by every run, with its two-sided bound where there is one. */
export function evidence(data: ReportData): Section | undefined {
  const colourOf = coloursOf(data);
  const figures = data.groups.flatMap((g) => figureOf(g, colourOf) ?? []);
  if (figures.length === 0) return undefined;
  return { id: 'evidence', title: 'log Z', body: html`<div class="plots">${figures}</div>` };
}
