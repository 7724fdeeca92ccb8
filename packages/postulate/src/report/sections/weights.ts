import { html } from '../html.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

/** Most points of a tail. */
const POINTS = 400;

interface TailPoint {
  readonly weight: number;
  readonly share: number;
}

/** Share of weights at least as large, at weights relative to the mean one. */
function tailOf(logWeights: ArrayLike<number>): readonly TailPoint[] {
  const live = Array.from(logWeights).filter((w) => w > -Infinity);
  const sorted = live.sort((a, b) => b - a);
  const logMean = sorted[0] + Math.log(sorted.reduce((s, w) => s + Math.exp(w - sorted[0]), 0) / logWeights.length);
  const picks = new Set<number>();
  for (let i = 0; i < POINTS; i++) picks.add(Math.floor(sorted.length ** (i / (POINTS - 1))) - 1);
  return [...picks].map((i) => ({ weight: Math.exp(sorted[i] - logMean), share: (i + 1) / logWeights.length }));
}

function plotsOf(run: ReportRun, index: number) {
  const weights = Array.from(run.details.logWeights ?? []);
  const live = weights.filter((w) => w > -Infinity);
  if (live.length === 0) return '';
  const dead = weights.length - live.length;
  const constant = Math.max(...live) - Math.min(...live) < 1e-9;
  const note = `${run.label}: ${weights.length} weights${dead > 0 ? `, ${dead} of them zero` : ''}`;
  if (constant) return html`<p>${note}; all others are equal, as good as it gets.</p>`;
  const histogram: Plot.PlotOptions = {
    width: 420,
    height: 220,
    x: { label: 'log weight (nats)' },
    y: { label: 'texts', grid: true },
    marks: [
      Plot.rectY(live, { ...Plot.binX({ y: 'count' }, { x: (w: number) => w, thresholds: 40 }), fill: colour(index) }),
      Plot.ruleY([0]),
    ],
  };
  const tail: Plot.PlotOptions = {
    width: 420,
    height: 220,
    x: { type: 'log', label: 'weight relative to the mean', grid: true },
    y: { type: 'log', label: 'share at least as heavy', grid: true },
    marks: [Plot.line(tailOf(weights), { x: 'weight', y: 'share', stroke: colour(index), strokeWidth: 2 })],
  };
  const k = run.diagnostics.paretoK;
  return html`<div class="plots">
    ${figureHtml(`${note}`, histogram)}${figureHtml(`Tail of the weights${k === null ? '' : `; Pareto k ${k.toFixed(2)} (below 0.7 is sound)`}`, tail)}
  </div>`;
}

/** Importance weights and how heavy their tail is. */
export function weights(data: ReportData): Section | undefined {
  const parts = data.runs
    .map((r, i) => (r.details.logWeights === undefined ? '' : plotsOf(r, i)))
    .filter((p) => p !== '');
  return parts.length === 0 ? undefined : { id: 'weights', title: 'Weights', body: html`${parts}` };
}
