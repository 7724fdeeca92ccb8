import { estimateText, figure } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

function curveOf(run: ReportRun) {
  const curve = (run.details.curve ?? []).filter((p) => p.acceptanceRate.value > 0);
  const rows = curve.map((p) => ({
    rate: p.acceptanceRate.value,
    tv: p.tv.value,
    lo: Math.max(0, p.tv.value - 1.96 * (p.tv.standardError ?? 0)),
    hi: Math.min(1, p.tv.value + 1.96 * (p.tv.standardError ?? 0)),
    bound: p.tvBound.value,
  }));
  const plot: Plot.PlotOptions = {
    width: 560,
    height: 280,
    x: { type: 'log', label: 'acceptance rate', reverse: true, grid: true },
    y: { label: 'total variation to the posterior', domain: [0, 1], grid: true },
    marks: [
      Plot.areaY(rows, { x: 'rate', y1: 'lo', y2: 'hi', fill: colour(0), fillOpacity: 0.25 }),
      Plot.line(rows, { x: 'rate', y: 'tv', stroke: colour(0), strokeWidth: 2 }),
      Plot.line(rows, { x: 'rate', y: 'bound', stroke: colour(7), strokeDasharray: '4 3' }),
    ],
  };
  return figureHtml(
    `${run.label}: what a lower acceptance rate buys; solid the estimate with its 95% band, dashed the bound`,
    plot,
    {
      caption: 'Trade-off by threshold',
      head: ['log M', 'acceptance rate', 'TV', 'KL(p|q)', 'TV bound'],
      rows: curve.map((p) => [
        figure(p.logThreshold),
        estimateText(p.acceptanceRate),
        estimateText(p.tv),
        estimateText(p.kl),
        estimateText(p.tvBound),
      ]),
    },
  );
}

/** The trade-off of quasi-rejection. */
export function thresholdCurve(data: ReportData): Section | undefined {
  const runs = data.runs.filter((r) => (r.details.curve?.length ?? 0) > 1);
  return runs.length === 0 ? undefined : { id: 'threshold', title: 'Threshold', body: html`${runs.map(curveOf)}` };
}
