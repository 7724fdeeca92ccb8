import type { Estimate } from '@postulate/inference';
import { figure } from '../../cli/numbers.ts';
import { html, type Html } from '../html.ts';
import { figureHtml, legendHtml, Plot, WIDTH } from '../plot.ts';
import type { ReportData, ReportGroup } from '../data.ts';
import { coloursOf, legendOf } from '../series.ts';
import type { Section } from './section.ts';

interface Point {
  readonly label: string;
  /** Points of one series are joined: those of one engine in one context. */
  readonly series: string;
  readonly setting: string;
  readonly kl: number;
  readonly value: number;
  readonly colour: string;
}

const HEIGHT = 340;

/** Params that differ along the sweep, as `beta = 0.1`. */
function settingTexts(groups: readonly ReportGroup[]): readonly string[] {
  const names = Object.keys(groups[0].setting).filter((n) => new Set(groups.map((g) => g.setting[n])).size > 1);
  return groups.map((g) => names.map((n) => `${n} = ${g.setting[n]}`).join(', '));
}

type Placed = Readonly<Record<string, Estimate | null>>;

function pointsOf(data: ReportData, name: string): readonly Point[] {
  const colourOf = coloursOf(data);
  const settings = settingTexts(data.groups);
  return data.groups.flatMap(({ comparison: c, context, runs }, i) => {
    const point = (label: string, kl: Estimate | null, expectations: Placed): Point[] => {
      const value = expectations[name]?.value;
      if (value === undefined || kl === null || !Number.isFinite(value) || !Number.isFinite(kl.value)) return [];
      const series = `${label} ${context}`;
      return [{ label, series, setting: settings[i], kl: kl.value, value, colour: colourOf(label) }];
    };
    const exact = c?.reference ? point('posterior', c.reference.klToPrior, c.reference.expectations) : [];
    return [...exact, ...runs.flatMap((r) => point(r.label, r.klToPrior, r.expectations))];
  });
}

/** Points of the first series that can be named without one name on the other. */
function named(points: readonly Point[]): readonly Point[] {
  const spread = (of: (p: Point) => number): number => {
    const all = points.map(of);
    return Math.max(...all) - Math.min(...all) || 1;
  };
  const [width, height] = [spread((p) => p.kl), spread((p) => p.value)];
  const kept: Point[] = [];
  for (const p of points.filter((q) => q.series === points[0].series)) {
    const near = (q: Point): boolean =>
      Math.abs(p.kl - q.kl) * WIDTH < 90 * width && Math.abs(p.value - q.value) * HEIGHT < 24 * height;
    if (!kept.some(near)) kept.push(p);
  }
  return kept;
}

function frontierPlot(points: readonly Point[], name: string): Html {
  const plot: Plot.PlotOptions = {
    height: HEIGHT,
    marginRight: 90,
    insetBottom: 16,
    x: { label: 'KL to the prior (nats)', grid: true },
    y: { label: name, grid: true },
    color: { type: 'identity' },
    marks: [
      Plot.line(points, { x: 'kl', y: 'value', z: 'series', stroke: 'colour', strokeOpacity: 0.7 }),
      Plot.text(named(points), {
        ...{ x: 'kl', y: 'value', text: 'setting', dx: 10, dy: 12, textAnchor: 'start' },
        ...{ fill: 'var(--fg)', stroke: 'var(--bg)', strokeWidth: 4 },
      }),
      Plot.dot(points, { x: 'kl', y: 'value', fill: 'colour', r: 4 }),
    ],
  };
  return figureHtml(`Mean of ${name} against the distance from the prior, along the sweep`, plot, {
    caption: `The frontier of ${name}`,
    head: ['run', 'params', 'KL to prior', name],
    text: [1],
    rows: points.map((p) => [p.label, p.setting, figure(p.kl), figure(p.value)]),
  });
}

/** Whether the groups are one posterior of one program under several settings of its params. */
function isSweep({ groups, programs }: ReportData): boolean {
  const one = new Set(groups.map((g) => g.posterior)).size === 1 && programs.length === 1;
  return one && new Set(settingTexts(groups)).size > 1;
}

/** What a sweep trades: how far the posterior moves from its prior for what it gains. */
export function frontier(data: ReportData): Section | undefined {
  if (!isSweep(data)) return undefined;
  const names = new Set(data.groups.flatMap((g) => g.runs.flatMap((r) => Object.keys(r.expectations))));
  const drawn = [...names].map((name) => ({ name, points: pointsOf(data, name) })).filter((d) => d.points.length > 1);
  if (drawn.length === 0) return undefined;
  const legend = legendOf(
    data,
    drawn.flatMap((d) => d.points.map((p) => p.label)),
  );
  return {
    id: 'frontier',
    title: 'Frontier of the sweep',
    body: html`${legendHtml(legend)}
      <div class="plots">${drawn.map((d) => frontierPlot(d.points, d.name))}</div>`,
  };
}
