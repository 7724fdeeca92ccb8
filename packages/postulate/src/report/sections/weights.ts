import { figure, grouped, percent, rough } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { figureHtml, Plot, tableHtml } from '../plot.ts';
import type { ReportData, ReportGroup, ReportRun } from '../data.ts';
import { coloursOf } from '../series.ts';
import { quantile, tailOf, weightFigures, type WeightFigures } from '../weight-tail.ts';
import { groupedSection, type Section } from './section.ts';

interface Weighted {
  readonly run: ReportRun;
  readonly figures: WeightFigures;
}

const BINS = 40;

function histogram({ run, figures: { sorted } }: Weighted, colour: string): Html {
  const [hi, lo] = [sorted[0], sorted[sorted.length - 1]];
  const width = (hi - lo) / BINS;
  const counts = new Array<number>(BINS).fill(0);
  for (const w of sorted) counts[Math.min(BINS - 1, Math.floor((w - lo) / width))]++;
  const bars = counts.map((count, i) => ({ from: lo + i * width, to: lo + (i + 1) * width, count }));
  const plot: Plot.PlotOptions = {
    height: 240,
    x: { label: 'log weight (nats)' },
    y: { label: 'texts', grid: true, ticks: 5 },
    marks: [Plot.rectY(bars, { x1: 'from', x2: 'to', y: 'count', fill: colour }), Plot.ruleY([0])],
  };
  return figureHtml(`${run.label}: log weights`, plot, {
    caption: `Histogram of the log weights of ${run.label}`,
    head: ['from', 'to', 'texts'],
    rows: bars.filter((b) => b.count > 0).map((b) => [rough(b.from), rough(b.to), grouped(b.count)]),
  });
}

/** Shares for which the table of a tail gives the weight. */
const SHARES = [0.5, 0.1, 0.05, 0.01, 0.001, 0.0001];

function tail({ run, figures }: Weighted, colour: string): Html {
  const points = tailOf(figures);
  const plot: Plot.PlotOptions = {
    height: 240,
    x: { type: 'log', label: 'weight relative to the mean', grid: true, ticks: 4, tickFormat: figure },
    y: { type: 'log', label: 'share at least as heavy', grid: true, ticks: 4, tickFormat: percent },
    marks: [Plot.line(points, { x: 'weight', y: 'share', stroke: colour, strokeWidth: 2 })],
  };
  const k = run.diagnostics.paretoK;
  const caption = `${run.label}: tail of the weights${k === null ? '' : `; Pareto k ${k.toFixed(2)}, sound below 0.7`}`;
  const shares = SHARES.filter((s) => s * figures.count >= 1 && points.some((p) => p.share >= s));
  return figureHtml(caption, plot, {
    caption: `Tail of the weights of ${run.label}`,
    head: ['share', 'at least so many times the mean'],
    rows: shares.map((s) => [percent(s), rough(points.find((p) => p.share >= s)!.weight)]),
  });
}

function table(all: readonly Weighted[]): Html {
  return tableHtml({
    caption: 'Log weights, nats; those that are not zero',
    head: ['run', 'weights', 'zero', 'least', 'median', 'largest', 'share of the largest'],
    rows: all.map(({ run, figures: f }) => [
      run.label,
      run.weights === undefined ? grouped(f.count) : `${grouped(f.count)} first of ${grouped(run.weights)}`,
      grouped(f.zero),
      ...[0, 0.5, 1].map((q) => rough(quantile(f, q))),
      percent(f.largestShare),
    ]),
  });
}

function groupOf({ runs }: ReportGroup, colourOf: (label: string) => string): Html | undefined {
  const all = runs.flatMap((run) => {
    const figures = weightFigures(run.details.logWeights ?? []);
    return figures.sorted.length === 0 ? [] : [{ run, figures }];
  });
  if (all.length === 0) return undefined;
  const equal = all.filter((w) => w.figures.constant).map((w) => w.run.label);
  const note =
    equal.length === 0
      ? ''
      : html`<p>${equal.join(', ')}: all weights that are not zero are equal, as good as it gets.</p>`;
  const plots = all
    .filter((w) => !w.figures.constant)
    .map((w) => [histogram(w, colourOf(w.run.label)), tail(w, colourOf(w.run.label))]);
  return html`${table(all)}${note}
    <div class="plots">${plots}</div>`;
}

/** Importance weights and how heavy their tail is. */
export function weights(data: ReportData): Section | undefined {
  const colourOf = coloursOf(data);
  return groupedSection(data, { id: 'weights', title: 'Weights' }, (group) => groupOf(group, colourOf));
}
