import { oneLine } from '../cli/summary.ts';
import type { Lineage } from './lineage.ts';
import { Plot } from './plot.ts';

/** Most rows of a drawing: what a reader can follow on one screen. */
const ROWS = 48;
const ROW = 20;
const LONGEST = 14;

/** A lineage with the smallest branches of each parent folded into one row. */
export interface Folded extends Omit<Lineage, 'children'> {
  readonly children: readonly Folded[];
  /** Particles of the branches that are not drawn, and how many of them died there. */
  readonly more: number;
  readonly moreDied: number;
}

/** Particles that died of weight zero below a node. */
const died = (node: Lineage): number => (node.dead ? node.particles : node.children.reduce((n, c) => n + died(c), 0));

/** A text that has ended only waits: nothing grows, so nothing is drawn of it. */
function ended(node: Lineage): Lineage | undefined {
  const [only] = node.children;
  if (node.children.length !== 1 || only.token >= 0) return undefined;
  return ended(only) ?? only;
}

const sum = (nodes: readonly Lineage[], of: (node: Lineage) => number): number => nodes.reduce((n, c) => n + of(c), 0);

/** Rows that all of a node takes. */
function rowsOf(node: Lineage): number {
  if (node.children.length === 0 || ended(node) !== undefined) return 1;
  return sum(node.children, rowsOf);
}

/** Particles of a node, or of its descendants where resampling has made them more. */
const size = ({ particles, survivors }: Lineage): number => Math.max(particles, survivors);

/** Rows of each of `nodes`: one at least, none more than it takes, the others by size. */
function shares(nodes: readonly Lineage[], rows: number): readonly number[] {
  const given = nodes.map(() => 1);
  const most = nodes.map(rowsOf);
  for (let spare = rows - nodes.length; spare > 0; spare--) {
    let next = -1;
    nodes.forEach((node, i) => {
      if (given[i] === most[i]) return;
      if (next === -1 || size(node) / given[i] > size(nodes[next]) / given[next]) next = i;
    });
    if (next === -1) break;
    given[next]++;
  }
  return given;
}

/** As much of a node as so many rows hold; where its children are more than that, those with the most survivors. */
function fold(node: Lineage, rows: number): Folded {
  const last = ended(node);
  if (last !== undefined) {
    const { dead, survivors } = last;
    return { ...node, dead, survivors, particles: survivors || node.particles, children: [], more: 0, moreDied: 0 };
  }
  const all = node.children;
  const fits = rows > 1 || rowsOf(node) === 1;
  const drawn = fits ? all.slice(0, all.length > rows ? rows - 1 : rows) : [];
  const rest = all.slice(drawn.length);
  const given = shares(drawn, rest.length > 0 ? rows - 1 : rows);
  const children = drawn.map((c, i) => fold(c, given[i]));
  return { ...node, children, more: sum(rest, size), moreDied: sum(rest, died) };
}

/** The whole tree where it fits, else a part of it, with how much is left out where. */
export const folded = (tree: Lineage): Folded => fold(tree, ROWS);

interface Mark {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
  readonly fate: 'dead' | 'left' | 'lives' | 'more';
}

interface Link {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly width: number;
  readonly colour: string;
}

const COLOURS = { dead: 'var(--bad)', left: 'var(--dim)', lives: 'var(--c0)', more: 'var(--dim)' } as const;

const fateOf = (node: Folded): Mark['fate'] => (node.dead ? 'dead' : node.survivors > 0 ? 'lives' : 'left');

const short = (text: string): string =>
  [...text].length > LONGEST ? `${[...text].slice(0, LONGEST - 1).join('')}…` : text;

/** Rows of the drawing: leaves from top to bottom, a parent in the middle of its children. */
function layOut(root: Folded, name: (token: number) => string) {
  const links: Link[] = [];
  const marks: Mark[] = [];
  const ends: Mark[] = [];
  let row = 0;
  const place = (node: Folded): number => {
    const ys = node.children.map(place);
    const extra = node.more > 0 ? [row++] : [];
    const all = [...ys, ...extra];
    const y = all.length === 0 ? row++ : (all[0] + all[all.length - 1]) / 2;
    const [x1, x2] = [node.generation, node.generation + 1];
    node.children.forEach((child, i) => {
      const fate = fateOf(child);
      const width = 1.5 + Math.min(4, Math.log2(child.particles) / 2);
      links.push({ x1, y1: y, x2, y2: ys[i], width, colour: COLOURS[fate] });
      const text = child.token >= 0 ? short(oneLine(name(child.token))) : '';
      marks.push({ x: x2, y: ys[i], text, colour: COLOURS[fate], fate });
    });
    for (const at of extra) {
      links.push({ x1, y1: y, x2: x1 + 0.5, y2: at, width: 1, colour: COLOURS.more });
      const text = `${node.more} more${node.moreDied > 0 ? `, ${node.moreDied} died` : ''}`;
      ends.push({ x: x1 + 0.5, y: at, text, colour: COLOURS.more, fate: 'more' });
    }
    if (node.children.length === 0 && node.more === 0) {
      const fate = fateOf(node);
      const text = fate === 'lives' && node.particles > 1 ? `×${node.particles}` : '';
      ends.push({ x: node.generation, y, text, colour: COLOURS[fate], fate });
    }
    return y;
  };
  place(root);
  return { links, marks, ends, rows: row };
}

const SYMBOLS = { dead: 'times', left: 'circle', lives: 'circle', more: 'circle' } as const;

/** Particles as text that grows from left to right. `resampled`: the generations after which a resampling followed. */
export function lineagePlot(
  root: Folded,
  name: (token: number) => string,
  last: number,
  resampled: readonly number[],
): Plot.PlotOptions {
  const { links, marks, ends, rows } = layOut(root, name);
  const longest = Math.max(...marks.map((m) => [...m.text].length));
  const step = Math.min(110, Math.max(44, 7 * longest + 18));
  const halo = { stroke: 'var(--bg)', strokeWidth: 4 };
  return {
    width: 100 + step * last,
    height: 66 + ROW * rows,
    marginLeft: 20,
    marginRight: 80,
    x: { label: 'tokens', ticks: Math.min(last, 20), tickFormat: 'd', domain: [0, last] },
    y: { axis: null, domain: [rows - 0.5, -1] },
    color: { type: 'identity' },
    marks: [
      Plot.ruleX(resampled, { stroke: 'var(--dim)', strokeDasharray: '2 3', strokeOpacity: 0.7 }),
      Plot.link(links, {
        ...{ x1: 'x1', y1: 'y1', x2: 'x2', y2: 'y2', stroke: 'colour', strokeWidth: 'width' },
        ...{ curve: 'bump-x', strokeOpacity: 0.45 },
      }),
      ...(['dead', 'lives', 'left'] as const).map((fate) =>
        Plot.dot(
          ends.filter((e) => e.fate === fate),
          {
            ...{ x: 'x', y: 'y', r: fate === 'dead' ? 4.5 : 3.5, symbol: SYMBOLS[fate], stroke: 'colour' },
            ...{ strokeWidth: 1.8, fill: fate === 'lives' ? 'colour' : fate === 'left' ? 'var(--bg)' : 'none' },
          },
        ),
      ),
      Plot.text(marks, { x: 'x', y: 'y', text: 'text', fill: 'colour', dx: -7, dy: -7, textAnchor: 'end', ...halo }),
      Plot.text(ends, { x: 'x', y: 'y', text: 'text', fill: 'colour', dx: 9, textAnchor: 'start', ...halo }),
    ],
  };
}
