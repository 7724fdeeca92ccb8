import { html } from '../html.ts';
import { figureHtml, legendHtml, Plot } from '../plot.ts';
import type { ReportData } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

/** How effective sample size and log Z developed with the work done. */
export function progress(data: ReportData): Section | undefined {
  const points = data.runs.flatMap((run, i) =>
    (run.details.trace ?? []).map((p) => ({ ...p, run: run.label, colour: colour(i) })),
  );
  const plot = (y: 'ess' | 'logZ', label: string) => {
    const rows = points.filter((p) => p[y] !== null && Number.isFinite(p[y]) && p.modelCalls > 0);
    if (rows.length < 2) return '';
    return figureHtml(`${label} by sequences of the prior`, {
      width: 460,
      height: 240,
      x: { label: 'sequences of the prior' },
      y: { label, grid: true },
      color: { type: 'identity' },
      marks: [Plot.line(rows, { x: 'modelCalls', y, z: 'run', stroke: 'colour', strokeWidth: 2 })],
    });
  };
  const plots = [plot('ess', 'effective sample size'), plot('logZ', 'log Z (nats)')];
  if (plots.every((p) => p === '')) return undefined;
  const legend = data.runs.flatMap((r, i) => (r.details.trace ? [{ name: r.label, colour: colour(i) }] : []));
  return {
    id: 'progress',
    title: 'Over time',
    body: html`${legendHtml(legend)}
      <div class="plots">${plots}</div>`,
  };
}
