import type { Chains } from '@postulate/inference';
import { figure } from '../../cli/numbers.ts';
import { html } from '../html.ts';
import { figureHtml, legendHtml, Plot, tableHtml } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

type Functional = Chains['functionals'][number];

const POINTS = 400;
const BINS = 20;

/** Values of each chain over time, thinned to what a plot can show. */
function tracePlot(f: Functional): Plot.PlotOptions {
  const rows = f.chains.flatMap((values, chain) => {
    const every = Math.max(1, Math.ceil(values.length / POINTS));
    return Array.from(values, (value, i) => ({ i, value, chain, colour: colour(chain) })).filter(
      (r) => r.i % every === 0,
    );
  });
  return {
    width: 420,
    height: 180,
    x: { label: 'iteration' },
    y: { label: f.name, grid: true },
    color: { type: 'identity' },
    marks: [Plot.line(rows, { x: 'i', y: 'value', z: 'chain', stroke: 'colour', strokeOpacity: 0.8 })],
  };
}

/** Ranks of all values pooled, in [0, 1). Ties take turns by iteration, so that no chain is favoured. */
function ranks(f: Functional): readonly { readonly rank: number; readonly chain: number }[] {
  const pooled = f.chains.flatMap((values, chain) => Array.from(values, (value, at) => ({ value, chain, at })));
  const sorted = pooled.sort((a, b) => a.value - b.value || a.at - b.at);
  return sorted.map(({ chain }, i) => ({ rank: i / sorted.length, chain }));
}

function rankPlot(f: Functional): Plot.PlotOptions {
  const all = ranks(f);
  const rows = f.chains.flatMap((values, chain) => {
    const counts = new Array<number>(BINS).fill(0);
    for (const r of all) if (r.chain === chain) counts[Math.floor(r.rank * BINS)]++;
    return counts.map((n, bin) => ({
      chain: `chain ${chain + 1}`,
      bin,
      share: (n * BINS) / values.length,
      colour: colour(chain),
    }));
  });
  return {
    width: 420,
    height: 180,
    x: { axis: null },
    fx: { label: null },
    y: { label: 'share', grid: true },
    color: { type: 'identity' },
    marks: [
      Plot.barY(rows, { fx: 'chain', x: 'bin', y: 'share', fill: 'colour' }),
      Plot.ruleY([1], { stroke: 'var(--fg)', strokeDasharray: '3 3' }),
    ],
  };
}

function chainsOf(run: ReportRun, chains: Chains) {
  const shown = (x: number | null, digits: number): string =>
    x === null ? 'did not move' : digits === 0 ? figure(Math.round(x)) : x.toFixed(digits);
  const table = tableHtml({
    caption: `${run.label}: convergence by functional; R-hat below 1.01 and 100 effective draws a chain are wanted`,
    head: ['functional', 'R-hat', 'bulk ESS', 'tail ESS'],
    rows: chains.functionals.map((f) => [f.name, shown(f.rHat, 3), shown(f.bulkEss, 0), shown(f.tailEss, 0)]),
  });
  const legend = chains.functionals[0]?.chains.map((_, i) => ({ name: `chain ${i + 1}`, colour: colour(i) })) ?? [];
  const plots = chains.functionals
    .filter((f) => f.rHat !== null)
    .map(
      (f) =>
        html`<div class="plots">
          ${figureHtml(`Trace of ${f.name}`, tracePlot(f))}${figureHtml(`Ranks of ${f.name}: flat where chains agree`, rankPlot(f))}
        </div>`,
    );
  return html`${table}${legendHtml(legend)}${plots}`;
}

/** Trace and rank plots of Markov chains. */
export function chains(data: ReportData): Section | undefined {
  const runs = data.runs.filter((r) => r.details.chains !== undefined);
  if (runs.length === 0) return undefined;
  return { id: 'chains', title: 'Chains', body: html`${runs.map((r) => chainsOf(r, r.details.chains!))}` };
}
