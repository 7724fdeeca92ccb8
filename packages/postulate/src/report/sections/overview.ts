import { grouped, NONE, percent, rough, shown } from '../../cli/numbers.ts';
import { html, type Content, type Html } from '../html.ts';
import { tableHtml } from '../plot.ts';
import type { ReportData, ReportGroup, ReportRun } from '../data.ts';
import { byGroup, type Section } from './section.ts';

function warning(run: ReportRun): Html {
  return html`<li><strong>${run.label}</strong>: <span class="warn">${run.diagnostics.verdict}</span></li>`;
}

/** Runs that can be trusted in one line, the others with the reason. */
function verdicts({ runs }: ReportGroup): Html {
  const fine = runs.filter((r) => r.diagnostics.verdict === 'ok');
  const chosen = runs.flatMap((r) => r.reasons.map((reason) => html`<li>${r.label}: chose ${reason}</li>`));
  return html`<ul class="verdicts">
      ${fine.length === 0 ? '' : html`<li><span class="ok">ok</span>: ${fine.map((r) => r.label).join(', ')}</li>`}
      ${runs.filter((r) => r.diagnostics.verdict !== 'ok').map(warning)}
    </ul>
    ${
      chosen.length === 0
        ? ''
        : html`<ul class="verdicts dim">
            ${chosen}
          </ul>`
    }`;
}

function row(run: ReportRun): readonly Content[] {
  const { ess, paretoK, acceptanceRate, modelCalls } = run.diagnostics;
  return [
    run.label,
    run.guarantee ?? NONE,
    shown(run.logZ),
    shown(run.entropy),
    shown(run.klToPrior),
    ess === null ? NONE : rough(ess),
    paretoK === null ? NONE : paretoK.toFixed(2),
    acceptanceRate === null ? NONE : percent(acceptanceRate),
    modelCalls === null ? NONE : grouped(modelCalls),
    grouped(run.drawn),
  ];
}

const HEAD = [
  ...['run', 'guarantee', 'log Z', 'entropy', 'KL to prior'],
  ...['ESS', 'Pareto k', 'acceptance', 'model calls', 'draws'],
];

/** What a group is a run of, and from which seeds. */
function identity(group: ReportGroup): Html {
  const seeds = [...new Set(group.runs.map((r) => r.seed))].join(', ');
  return html`<p class="dim">${group.posterior}, definition ${group.graphHash.slice(0, 12)}, seed ${seeds}</p>`;
}

/** The runs side by side, and how far each is to be trusted. */
export function overview(data: ReportData): Section {
  const parts = byGroup(
    data,
    (group) =>
      html`${identity(group)}${verdicts(group)}${tableHtml({ caption: 'Every run, with standard errors; log Z, entropies and divergences in nats', head: HEAD, rows: group.runs.map(row), text: [1] })}`,
  );
  const programs = data.programs.map(
    ({ name, text }) =>
      html`<h3>The program ${name}</h3>
        <pre tabindex="0" aria-label="source of ${name}"><code>${text}</code></pre>`,
  );
  return {
    id: 'overview',
    title: 'Overview',
    body: html`${data.notes.map((n) => html`<p class="warn">${n}</p>`)}${parts}${programs}`,
  };
}
