import type { TracePoint } from '@postulate/inference';
import { grouped, NONE, rough } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { figureHtml, legendHtml, Plot } from '../plot.ts';
import type { ReportData, ReportGroup, ReportRun } from '../data.ts';
import { coloursOf, legendOf } from '../series.ts';
import { groupedSection, type Section } from './section.ts';

type Quantity = 'ess' | 'logZ';

const LABELS: Readonly<Record<Quantity, string>> = { ess: 'effective sample size', logZ: 'log Z (nats)' };

/** Moments of one run that a table lists. */
const LISTED = 8;

/** Moments at which a quantity was known. */
const known = (run: ReportRun, y: Quantity): readonly TracePoint[] =>
  (run.details.trace ?? []).filter((p) => p[y] !== null && Number.isFinite(p[y]) && p.modelCalls > 0);

function listed(points: readonly TracePoint[]): readonly TracePoint[] {
  const every = Math.max(1, Math.ceil(points.length / LISTED));
  return points.filter((p, i) => i % every === 0 || p === points.at(-1));
}

function plotOf({ heading, runs }: ReportGroup, y: Quantity, colourOf: (label: string) => string): Html | string {
  const series = runs.map((run) => ({ run, points: known(run, y) })).filter((s) => s.points.length > 1);
  const rows = series.flatMap(({ run, points }) =>
    points.map((p) => ({ ...p, run: run.label, colour: colourOf(run.label) })),
  );
  if (rows.length === 0) return '';
  const plot: Plot.PlotOptions = {
    height: 280,
    x: { type: 'log', label: 'sequences of the prior', tickFormat: '~s', ticks: 4 },
    y: { label: LABELS[y], grid: true },
    color: { type: 'identity' },
    marks: [
      Plot.line(rows, { x: 'modelCalls', y, z: 'run', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(
        series.map(({ run, points }) => ({ ...points.at(-1), colour: colourOf(run.label) })),
        {
          ...{ x: 'modelCalls', y, fill: 'colour', r: 3.5 },
        },
      ),
    ],
  };
  return figureHtml(`${LABELS[y]}${heading === '' ? '' : ` for ${heading}`} by sequences of the prior`, plot, {
    caption: `Some moments of each run`,
    head: ['run', 'sequences', LABELS[y]],
    rows: series.flatMap(({ run, points }) =>
      listed(points).map((p) => [run.label, grouped(p.modelCalls), p[y] === null ? NONE : rough(p[y])]),
    ),
  });
}

/** How effective sample size and log Z developed with the work done. */
export function progress(data: ReportData): Section | undefined {
  const colourOf = coloursOf(data);
  const seen = data.groups.flatMap((g) =>
    g.runs.filter((r) => known(r, 'ess').length > 1 || known(r, 'logZ').length > 1).map((r) => r.label),
  );
  const head = { id: 'progress', title: 'Over time', lead: legendHtml(legendOf(data, seen)) };
  return groupedSection(data, head, (group) => {
    const plots = (['ess', 'logZ'] as const).map((y) => plotOf(group, y, colourOf)).filter((p) => p !== '');
    return plots.length === 0 ? undefined : html`<div class="plots">${plots}</div>`;
  });
}
