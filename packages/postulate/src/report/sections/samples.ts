import { grouped } from '../../cli/numbers.ts';
import { oneLine } from '../../cli/summary.ts';
import { html, type Html } from '../html.ts';
import { tableHtml } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { groupedSection, type Section } from './section.ts';

function samplesOf(run: ReportRun, open: boolean): Html {
  const count =
    run.drawn === run.draws.length
      ? `All ${grouped(run.drawn)} draws`
      : `The first ${run.draws.length} of ${grouped(run.drawn)} draws`;
  const table = tableHtml({
    caption: `${count} of ${run.label}; log densities in nats`,
    head: ['draw', 'text', 'log prior', 'log factors'],
    text: [1],
    rows: run.draws.map((d, i) => [i + 1, oneLine(d.text), d.logPrior.toFixed(2), d.logFactor.toFixed(2)]),
  });
  return html`<details ${open ? 'open' : ''}>
    <summary>${run.label}: ${run.draws.length} of ${grouped(run.drawn)} draws</summary>
    ${table}
  </details>`;
}

/** What the posterior looks like; only the first run is open. */
export function samples(data: ReportData): Section | undefined {
  let first = true;
  return groupedSection(data, { id: 'samples', title: 'Samples' }, ({ runs }) => {
    const shown = runs.filter((r) => r.draws.length > 0);
    if (shown.length === 0) return undefined;
    const parts = shown.map((r, i) => samplesOf(r, first && i === 0));
    first = false;
    return html`${parts}`;
  });
}
