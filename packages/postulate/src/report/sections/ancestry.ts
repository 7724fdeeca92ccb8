import type { Ancestry } from '@postulate/inference';
import { oneLine } from '../../cli/summary.ts';
import { html, type Content, type Html } from '../html.ts';
import { lineageOf, type Lineage } from '../lineage.ts';
import { figureHtml, Plot } from '../plot.ts';
import type { ReportData, ReportRun } from '../data.ts';
import type { Section } from './section.ts';

interface Link {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly width: number;
  readonly colour: string;
}

interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
}

/** Rows of the drawing: leaves from top to bottom, a parent in the middle of its children. */
function layOut(root: Lineage, name: (token: number) => string) {
  const links: Link[] = [];
  const labels: Label[] = [];
  let row = 0;
  const place = (node: Lineage): number => {
    const ys = node.children.map(place);
    const y = ys.length === 0 ? row++ : (ys[0] + ys[ys.length - 1]) / 2;
    node.children.forEach((child, i) => {
      const colour = child.dead ? 'var(--bad)' : child.survivors > 0 ? 'var(--c0)' : 'var(--dim)';
      const width = 1 + Math.min(5, Math.log2(child.particles));
      links.push({ x1: node.generation, y1: y, x2: child.generation, y2: ys[i], width, colour });
      if (child.token >= 0) labels.push({ x: child.generation, y: ys[i], text: name(child.token), colour });
    });
    return y;
  };
  place(root);
  return { links, labels, rows: row };
}

/** Most rows whose tokens are written out. */
const LABELLED = 60;

function drawing(run: ReportRun, tree: Lineage, name: (token: number) => string, last: number): Html {
  const { links, labels, rows } = layOut(tree, name);
  const plot: Plot.PlotOptions = {
    width: Math.max(560, 70 * last),
    height: Math.min(1600, 60 + 16 * rows),
    marginRight: 90,
    x: { label: 'tokens', ticks: last, tickFormat: 'd' },
    y: { axis: null, reverse: true },
    color: { type: 'identity' },
    marks: [
      Plot.link(links, {
        x1: 'x1',
        y1: 'y1',
        x2: 'x2',
        y2: 'y2',
        stroke: 'colour',
        strokeWidth: 'width',
        curve: 'bump-x',
        strokeOpacity: 0.6,
      }),
      ...(rows > LABELLED
        ? []
        : [Plot.text(labels, { x: 'x', y: 'y', text: 'text', fill: 'colour', dy: -6, fontSize: 10 })]),
    ],
  };
  const caption = `${run.label}: particles growing token by token. Blue lines lead to a particle that is there at the end, grey ones were not resampled, red ones died of weight zero; thicker lines carry more particles`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="drawing of the lineages">
    ${figureHtml(caption, plot)}
  </div>`;
}

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

function item(node: Lineage, run: ReportRun, name: (token: number) => string): Html {
  const { tokens, end } = stretch(node, name);
  const text = oneLine(tokens.join(run.separator));
  const fate: Content = end.dead
    ? ' died: weight zero'
    : end.survivors === 0
      ? ' not resampled'
      : ` ${end.survivors} at the end`;
  const line = html`<span class="mono ${end.dead ? 'dead' : ''}">${text === '' ? '(the empty text)' : text}</span
    ><span class="dim">${fate}</span>`;
  if (end.children.length === 0) return html`<li>${line}</li>`;
  const shown = end.children.slice(0, LISTED);
  const rest = end.children.length - shown.length;
  return html`<li>
    <details ${end.generation < 2 ? 'open' : ''}>
      <summary>${line}</summary>
      <ul>
        ${shown.map((c) => item(c, run, name))}${rest > 0 ? html`<li class="dim">and ${rest} more</li>` : ''}
      </ul>
    </details>
  </li>`;
}

function ancestryOf(run: ReportRun, ancestry: Ancestry): Html {
  const tree = lineageOf(ancestry);
  const end = run.tokens;
  const name = (token: number): string => end?.(token) ?? String(token);
  const resampled = ancestry.generations.flatMap((g, i) => (g.resampled ? [i + 1] : []));
  const death = ancestry.lastDeath;
  return html`<h3>${run.label}</h3>
    <p>
      ${tree.particles} particles; resampled
      ${resampled.length === 0 ? 'never' : `after token ${resampled.join(', ')}`}.
    </p>
    ${death === undefined ? '' : html`<p class="warn">All particles died. The last one had the prefix <span class="mono">${oneLine(death.prefix)}</span>; the factor ${death.factor} gave it weight zero.</p>`}
    ${drawing(run, tree, name, ancestry.generations.length)}
    <details>
      <summary>The same as a list</summary>
      <ul class="tree">
        ${item(tree, run, name)}
      </ul>
    </details>`;
}

/** Where the particles of sequential Monte Carlo come from, and where they die. */
export function ancestry(data: ReportData): Section | undefined {
  const runs = data.runs.filter((r) => (r.details.ancestry?.length ?? 0) > 0);
  if (runs.length === 0) return undefined;
  return { id: 'ancestry', title: 'Ancestry', body: html`${runs.map((r) => ancestryOf(r, r.details.ancestry![0]))}` };
}
