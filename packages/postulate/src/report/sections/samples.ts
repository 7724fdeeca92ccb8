import { oneLine } from '../../cli/summary.ts';
import { html } from '../html.ts';
import type { ReportData, ReportRun } from '../data.ts';
import type { Section } from './section.ts';

const SHOWN = 20;

function samplesOf(run: ReportRun) {
  const rows = run.draws.slice(0, SHOWN).map(
    (d, i) =>
      html`<tr>
        <td>${i + 1}</td>
        <td class="text">${oneLine(d.text)}</td>
        <td>${d.logPrior.toFixed(2)}</td>
        <td>${d.logFactor.toFixed(2)}</td>
      </tr>`,
  );
  const caption = `The first ${Math.min(SHOWN, run.draws.length)} of ${run.draws.length} draws; log densities in nats`;
  return html`<details ${run.draws.length > 0 ? 'open' : ''}>
    <summary>${run.label}</summary>
    <div class="scroll" role="region" aria-label="draws of ${run.label}" tabindex="0">
      <table>
        <caption>
          ${caption}
        </caption>
        <thead>
          <tr>
            <th scope="col">draw</th>
            <th scope="col">text</th>
            <th scope="col">log prior</th>
            <th scope="col">log factors</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

/** What the posterior looks like. */
export function samples(data: ReportData): Section | undefined {
  const runs = data.runs.filter((r) => r.draws.length > 0);
  if (runs.length === 0) return undefined;
  return { id: 'samples', title: 'Samples', body: html`${runs.map(samplesOf)}` };
}
