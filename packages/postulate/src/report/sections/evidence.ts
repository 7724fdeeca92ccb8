import type { Estimate } from '@postulate/inference';
import { estimateText } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

interface Interval {
  readonly name: string;
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
  readonly text: string;
  readonly colour: string;
}

export function interval(name: string, e: Estimate | null, index: number): Interval | undefined {
  if (e === null || !Number.isFinite(e.value)) return undefined;
  const half = 1.96 * (e.standardError ?? 0);
  return { name, value: e.value, lo: e.value - half, hi: e.value + half, text: estimateText(e), colour: colour(index) };
}

/** Points with their 95% intervals, one row each. */
export function intervalPlot(rows: readonly Interval[], label: string, marks: Plot.Markish[] = []): Plot.PlotOptions {
  return {
    width: 620,
    height: 50 + 24 * rows.length,
    marginLeft: 150,
    x: { label, grid: true, nice: true },
    y: { label: null, domain: rows.map((r) => r.name) },
    marks: [
      ...marks,
      Plot.ruleY(rows, { y: 'name', x1: 'lo', x2: 'hi', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'value', y: 'name', fill: 'colour', r: 4 }),
    ],
    color: { type: 'identity' },
  };
}

/** log Z by every run, with its two-sided bound where there is one. */
export function evidence(data: ReportData): Section | undefined {
  const rows = data.runs.flatMap((r, i) => interval(r.label, r.logZ, i) ?? []);
  if (rows.length === 0) return undefined;
  const bounds = data.runs.flatMap(({ label, details: { bounds: b } }) => {
    if (!b?.lower || !b.upper) return [];
    return [
      {
        name: label,
        lo: b.lower.value,
        hi: b.upper.value,
        text: `${estimateText(b.lower)} to ${estimateText(b.upper)}`,
      },
    ];
  });
  const exact = data.runs.find((r) => r.logZ?.kind === 'exact')?.logZ?.value;
  const marks = [
    ...(exact === undefined ? [] : [Plot.ruleX([exact], { stroke: 'var(--dim)', strokeDasharray: '3 3' })]),
    Plot.ruleY(bounds, { y: 'name', x1: 'lo', x2: 'hi', stroke: 'var(--line)', strokeWidth: 10 }),
  ];
  const caption = `log Z by each run with its 95% interval${bounds.length > 0 ? '; the wide bar is the two-sided bound' : ''}${exact === undefined ? '' : '; the dashed line is the exact value'}`;
  const table = {
    caption: 'log Z, nats',
    head: ['run', 'log Z', 'between'],
    rows: rows.map((r) => [r.name, r.text, bounds.find((b) => b.name === r.name)?.text ?? '–']),
  };
  return {
    id: 'evidence',
    title: 'log Z',
    body: html`${figureHtml(caption, intervalPlot(rows, 'log Z (nats)', marks), table)}`,
  };
}
