import { estimateText, figure, grouped } from '../../cli/numbers.ts';
import { settingText } from '../../cli/sweep.ts';
import { html, type Content } from '../html.ts';
import { tableHtml } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import type { Section } from './section.ts';

const NONE = '–';

function verdict(run: ReportRun): Content {
  const text = run.diagnostics.verdict;
  return html`<li>
    <strong>${run.label}</strong>:
    <span class="${text === 'ok' ? 'ok' : 'warn'}">${text}</span
    >${run.reasons.map((r) => html`<br /><span class="dim">chosen ${r}</span>`)}
  </li>`;
}

function row(run: ReportRun): readonly Content[] {
  const { ess, paretoK, acceptanceRate, modelCalls } = run.diagnostics;
  return [
    run.label,
    run.guarantee,
    run.logZ === null ? NONE : estimateText(run.logZ),
    run.entropy === null ? NONE : estimateText(run.entropy),
    run.klToPrior === null ? NONE : estimateText(run.klToPrior),
    ess === null ? NONE : figure(Number(ess.toPrecision(4))),
    paretoK === null ? NONE : paretoK.toFixed(2),
    acceptanceRate === null ? NONE : `${figure(Number((100 * acceptanceRate).toPrecision(3)))}%`,
    grouped(modelCalls),
    grouped(run.draws.length),
  ];
}

/** The runs side by side, and how far each is to be trusted. */
export function overview(data: ReportData): Section {
  const head = [
    'run',
    'guarantee',
    'log Z',
    'entropy',
    'KL to prior',
    'ESS',
    'Pareto k',
    'acceptance',
    'model calls',
    'draws',
  ];
  const settings = [...new Set(data.runs.map((r) => settingText(r.setting)))].filter((s) => s !== '');
  return {
    id: 'overview',
    title: 'Overview',
    body: html`<ul class="verdicts">
        ${data.runs.map(verdict)}
      </ul>
      ${tableHtml({ caption: 'Every run, with standard errors; entropies and divergences in nats', head, rows: data.runs.map(row) })}
      ${settings.length === 0 ? '' : html`<p class="dim">Params: ${settings.join('; ')}</p>`}
      <h3>The program</h3>
      <pre tabindex="0" aria-label="source of the program"><code>${data.program.text}</code></pre>`,
  };
}
