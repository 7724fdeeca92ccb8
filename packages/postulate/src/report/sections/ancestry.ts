import type { Ancestry } from '@postulate/inference';
import { oneLine } from '../../cli/summary.ts';
import { html, type Content, type Html } from '../html.ts';
import { folded, lineagePlot } from '../lineage-drawing.ts';
import { lineageOf, type Lineage } from '../lineage.ts';
import { foldHtml, svgOf } from '../plot.ts';
import { END, type ReportData, type ReportRun } from '../data.ts';
import { groupedSection, type Section } from './section.ts';

/** Follows a line of only children, whose tokens belong to one piece of text. */
function stretch(node: Lineage, name: (token: number) => string) {
  const tokens: string[] = [];
  let at = node;
  for (;;) {
    if (at.token >= 0) tokens.push(name(at.token));
    if (at.children.length !== 1 || at.children[0].dead !== at.dead) return { tokens, end: at };
    at = at.children[0];
  }
}

/** Children of a node that are listed before the rest is only counted. */
const LISTED = 12;

function fate(end: Lineage): string {
  if (end.dead) return ' died: weight zero';
  return end.survivors === 0 ? ' not resampled' : ` ${end.survivors} at the end`;
}

function item(node: Lineage, run: ReportRun): Html {
  const { tokens, end } = stretch(node, run.tokens);
  const text = oneLine(tokens.join(run.separator));
  const line = html`<span class="mono ${end.dead ? 'dead' : ''}">${text === '' ? '(the empty text)' : text}</span
    ><span class="dim">${fate(end)}</span>`;
  if (end.children.length === 0) return html`<li>${line}</li>`;
  const shown = end.children.slice(0, LISTED);
  const rest = end.children.length - shown.length;
  return html`<li>
    <details ${end.generation < 2 ? 'open' : ''}>
      <summary>${line}</summary>
      <ul>
        ${shown.map((c) => item(c, run))}${rest > 0 ? html`<li class="dim">and ${rest} more</li>` : ''}
      </ul>
    </details>
  </li>`;
}

/** What the signs of a drawing mean. */
const KEY = html`<ul class="legend">
  <li><span class="dot" style="background:var(--c0)"></span>there at the end</li>
  <li><span class="dot" style="border:2px solid var(--dim)"></span>not resampled</li>
  <li><span style="color:var(--bad);width:auto">✕</span>died: weight zero</li>
  <li>${END} the text ends</li>
  <li>dotted: a resampling</li>
  <li>thicker: more particles</li>
</ul>`;

function drawing(run: ReportRun, ancestry: Ancestry, tree: Lineage, resampled: readonly number[]): Html {
  const plot = lineagePlot(folded(tree), run.tokens, ancestry.generations.length, resampled);
  const caption = `Particles of ${run.label} as text that grows from left to right; the same as a list below`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="lineages of ${run.label}">
    <figure class="wide">
      <figcaption>${caption}</figcaption>
      <div role="img" aria-label="${caption}">${svgOf(plot)}</div>
    </figure>
  </div>`;
}

function ancestryOf(run: ReportRun, all: readonly Ancestry[]): Html {
  const [ancestry] = all;
  const tree = lineageOf(ancestry);
  const resampled = ancestry.generations.flatMap((g, i) => (g.resampled ? [i + 1] : []));
  const when = resampled.length === 0 ? 'never resampled' : `resampled after token ${resampled.join(', ')}`;
  const which: Content = all.length > 1 ? `, the first of ${all.length} runs that were kept` : '';
  const death = ancestry.lastDeath;
  return html`<p><strong>${run.label}</strong>: ${tree.particles} particles, ${when}${which}.</p>
    ${death === undefined ? '' : html`<p class="warn">All particles died. The last one had the prefix <span class="mono">${oneLine(death.prefix)}</span>; the factor ${death.factor} gave it weight zero.</p>`}
    ${drawing(run, ancestry, tree, resampled)}
    ${foldHtml(
      `The lineages of ${run.label} as a list`,
      html`<ul class="tree">
        ${item(tree, run)}
      </ul>`,
    )}`;
}

/** Where the particles of sequential Monte Carlo come from, and where they die. */
export function ancestry(data: ReportData): Section | undefined {
  return groupedSection(data, { id: 'ancestry', title: 'Ancestry', lead: KEY }, ({ runs }) => {
    const parts = runs.flatMap((r) => {
      const all = r.details.ancestry ?? [];
      return all.length === 0 || all[0].generations.length === 0 ? [] : [ancestryOf(r, all)];
    });
    return parts.length === 0 ? undefined : html`${parts}`;
  });
}
