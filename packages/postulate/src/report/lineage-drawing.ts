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

function fold(node: Lineage, least: number): Folded {
  const last = ended(node);
  if (last !== undefined) {
    const { dead, survivors } = last;
    return { ...node, dead, survivors, particles: survivors || node.particles, children: [], more: 0, moreDied: 0 };
  }
  const kept = node.children.filter((c) => c.particles >= least);
  const rest = node.children.filter((c) => !kept.includes(c));
  // One branch takes no more room than the line that says that it is not drawn.
  if (rest.length < 2) return { ...node, children: node.children.map((c) => fold(c, least)), more: 0, moreDied: 0 };
  const sum = (of: (c: Lineage) => number): number => rest.reduce((n, c) => n + of(c), 0);
  return { ...node, children: kept.map((c) => fold(c, least)), more: sum((c) => c.particles), moreDied: sum(died) };
}

const rowsOf = (node: Folded): number =>
  node.children.reduce((n, c) => n + rowsOf(c), 0) + (node.more > 0 ? 1 : 0) || 1;

/** The whole tree where it fits, else the part of it that has the most particles. */
export function folded(tree: Lineage): Folded {
  for (let least = 1; ; least++) {
    const found = fold(tree, least);
    if (rowsOf(found) <= ROWS || least > tree.particles) return found;
  }
}

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
