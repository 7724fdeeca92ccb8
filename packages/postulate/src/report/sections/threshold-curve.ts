import { estimateText, figure, percent } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { coloursOf } from '../series.ts';
import type { Section } from './section.ts';

function curveOf(run: ReportRun, heading: string, colour: string): Html {
  const curve = (run.details.curve ?? []).filter((p) => p.acceptanceRate.value > 0);
  const rows = curve.map((p) => ({
    rate: p.acceptanceRate.value,
    tv: p.tv.value,
    lo: Math.max(0, p.tv.value - 1.96 * (p.tv.standardError ?? 0)),
    hi: Math.min(1, p.tv.value + 1.96 * (p.tv.standardError ?? 0)),
    bound: p.tvBound.value,
  }));
  const plot: Plot.PlotOptions = {
    height: 280,
    x: { type: 'log', label: 'acceptance rate', reverse: true, grid: true, ticks: 4, tickFormat: percent },
    y: { label: 'total variation to the posterior', domain: [0, 1], grid: true },
    marks: [
      Plot.areaY(rows, { x: 'rate', y1: 'lo', y2: 'hi', fill: colour, fillOpacity: 0.25 }),
      Plot.line(rows, { x: 'rate', y: 'tv', stroke: colour, strokeWidth: 2 }),
      Plot.line(rows, { x: 'rate', y: 'bound', stroke: 'var(--dim)', strokeDasharray: '4 3' }),
    ],
  };
  const of = heading === '' ? run.label : `${run.label} for ${heading}`;
  const caption = `${of}: what a lower acceptance rate buys. Solid: the estimate with its 95% band; dashed: the bound`;
  return figureHtml(caption, plot, {
    caption: 'Trade-off by threshold, nats',
    head: ['log M', 'acceptance rate', 'TV', 'KL(p|q)', 'TV bound'],
    rows: curve.map((p) => [
      figure(Number(p.logThreshold.toPrecision(5))),
      estimateText(p.acceptanceRate),
      estimateText(p.tv),
      estimateText(p.kl),
      estimateText(p.tvBound),
    ]),
  });
}

/** The trade-off of quasi-rejection. */
export function thresholdCurve(data: ReportData): Section | undefined {
  const colourOf = coloursOf(data);
  const curves = data.groups.flatMap(({ heading, runs }) =>
    runs.filter((r) => (r.details.curve?.length ?? 0) > 1).map((r) => curveOf(r, heading, colourOf(r.label))),
  );
  if (curves.length === 0) return undefined;
  return { id: 'threshold', title: 'Threshold', body: html`<div class="plots">${curves}</div>` };
}
