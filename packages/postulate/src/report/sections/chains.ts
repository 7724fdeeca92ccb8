import type { Chains } from '@postulate/inference';
import { figure, grouped, rough } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { figureHtml, foldHtml, legendHtml, Plot, tableHtml } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { colour } from '../style.ts';
import { groupedSection, type Section } from './section.ts';

type Functional = Chains['functionals'][number];

/** Most points of a chain, and bins of a histogram of ranks. */
const POINTS = 300;
const BINS = 20;
/** Functionals, those that mix worst first, whose plots are open. */
const OPEN = 3;

/** Values of each chain over time, thinned to what a plot can show. */
function traceFigure(f: Functional): Html {
  const rows = f.chains.flatMap((values, chain) => {
    const every = Math.max(1, Math.ceil(values.length / POINTS));
    const points = Array.from(values, (value, i) => ({ i, value, chain, colour: colour(chain) }));
    return points.filter((r) => r.i % every === 0);
  });
  const plot: Plot.PlotOptions = {
    height: 200,
    x: { label: 'state' },
    y: { label: f.name, grid: true, ticks: 5 },
    color: { type: 'identity' },
    marks: [Plot.line(rows, { x: 'i', y: 'value', z: 'chain', stroke: 'colour', strokeOpacity: 0.8 })],
  };
  return figureHtml(`Trace of ${f.name}`, plot, {
    caption: `${f.name} by chain`,
    head: ['chain', 'states', 'mean', 'standard deviation', 'least', 'largest'],
    rows: f.chains.map((values, i) => [i + 1, grouped(values.length), ...momentsOf(values)]),
  });
}

function momentsOf(values: Float64Array): readonly string[] {
  const mean = values.reduce((s, x) => s + x, 0) / values.length;
  const variance = values.reduce((s, x) => s + (x - mean) ** 2, 0) / Math.max(1, values.length - 1);
  const [least, largest] = values.reduce(([a, b], x) => [Math.min(a, x), Math.max(b, x)], [Infinity, -Infinity]);
  return [mean, Math.sqrt(variance), least, largest].map(rough);
}

/** Share of each chain by rank of all values pooled, relative to its even part. Ties take turns by state. */
function rankShares(f: Functional): readonly (readonly number[])[] {
  const pooled = f.chains.flatMap((values, chain) => Array.from(values, (value, at) => ({ value, chain, at })));
  pooled.sort((a, b) => a.value - b.value || a.at - b.at);
  const counts = f.chains.map(() => new Array<number>(BINS).fill(0));
  pooled.forEach(({ chain }, i) => counts[chain][Math.floor((i * BINS) / pooled.length)]++);
  return counts.map((bins, chain) => bins.map((n) => (n * BINS) / f.chains[chain].length));
}

function rankFigure(f: Functional): Html {
  const shares = rankShares(f);
  const rows = shares.flatMap((bins, chain) =>
    bins.map((share, bin) => ({ chain: `chain ${chain + 1}`, bin, share, colour: colour(chain) })),
  );
  const plot: Plot.PlotOptions = {
    height: 200,
    x: { axis: null },
    fx: { label: null },
    y: { label: 'share of the even one', grid: true, ticks: 5 },
    color: { type: 'identity' },
    marks: [
      Plot.barY(rows, { fx: 'chain', x: 'bin', y: 'share', fill: 'colour' }),
      Plot.ruleY([1], { stroke: 'var(--fg)', strokeDasharray: '3 3' }),
    ],
  };
  return figureHtml(`Ranks of ${f.name}: flat at 1 where chains agree`, plot, {
    caption: `Ranks of ${f.name}, from the least to the largest values: share of each chain, 1 for an even one`,
    head: ['ranks', ...shares.map((_, i) => `chain ${i + 1}`)],
    rows: shares[0].map((_, bin) => [`bin ${bin + 1}`, ...shares.map((s) => s[bin].toFixed(2))]),
  });
}

const pair = (f: Functional): Html => html`<div class="plots">${traceFigure(f)}${rankFigure(f)}</div>`;

function chainsOf(run: ReportRun, chains: Chains): Html {
  const number = (x: number | null, text: (x: number) => string): string => (x === null ? 'did not move' : text(x));
  const rounded = (x: number): string => figure(Math.round(x));
  const table = tableHtml({
    caption: `${run.label}: convergence by functional; R-hat below 1.01 and 100 effective states a chain are wanted`,
    head: ['functional', 'R-hat', 'bulk ESS', 'tail ESS'],
    rows: chains.functionals.map((f) => [
      f.name,
      number(f.rHat, (x) => x.toFixed(3)),
      number(f.bulkEss, rounded),
      number(f.tailEss, rounded),
    ]),
  });
  const legend = chains.functionals[0]?.chains.map((_, i) => ({ name: `chain ${i + 1}`, colour: colour(i) })) ?? [];
  const moved = chains.functionals.filter((f) => f.rHat !== null).sort((a, b) => b.rHat! - a.rHat!);
  const rest = moved.slice(OPEN);
  return html`${table}${legendHtml(legend)}${moved.slice(0, OPEN).map(pair)}
  ${rest.length === 0 ? '' : foldHtml(`Traces and ranks of ${rest.map((f) => f.name).join(', ')}`, rest.map(pair))}`;
}

/** Trace and rank plots of Markov chains; the functionals that mix worst come first. */
export function chains(data: ReportData): Section | undefined {
  return groupedSection(data, { id: 'chains', title: 'Chains' }, ({ runs }) => {
    const parts = runs.flatMap((r) => (r.details.chains === undefined ? [] : [chainsOf(r, r.details.chains)]));
    return parts.length === 0 ? undefined : html`${parts}`;
  });
}
