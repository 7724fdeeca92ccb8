import type { Comparison } from '@postulate/inference';
import { figure } from '../../cli/numbers.ts';
import { settingText } from '../../cli/sweep.ts';
import { html } from '../html.ts';
import { figureHtml, legendHtml, Plot } from '../plot.ts';
import type { ReportData } from '../data.ts';
import { colour } from '../style.ts';
import type { Section } from './section.ts';

interface FrontierPoint {
  readonly engine: string;
  readonly setting: string;
  readonly kl: number;
  readonly value: number;
  readonly colour: string;
}

function pointsOf(data: ReportData, name: string): readonly FrontierPoint[] {
  return data.comparisons.flatMap(({ setting, comparison: c }) => {
    const exact = c.reference === null ? [] : [pointOf('posterior', 0, settingText(setting), c.reference, name)];
    const engines = c.engines.map((e, i) =>
      e.kind === 'ran'
        ? pointOf(
            e.engine,
            i + 1,
            settingText(setting),
            { klToPrior: e.result.klToPrior, expectations: e.expectations },
            name,
          )
        : undefined,
    );
    return [...exact, ...engines].flatMap((p) => p ?? []);
  });
}

function pointOf(
  engine: string,
  index: number,
  setting: string,
  from: Pick<NonNullable<Comparison['reference']>, 'klToPrior' | 'expectations'>,
  name: string,
): FrontierPoint | undefined {
  const value = from.expectations[name]?.value;
  const kl = from.klToPrior?.value;
  if (value === undefined || kl === undefined || !Number.isFinite(value) || !Number.isFinite(kl)) return undefined;
  return { engine, setting, kl, value, colour: colour(index) };
}

function frontierPlot(points: readonly FrontierPoint[], name: string) {
  const plot: Plot.PlotOptions = {
    width: 520,
    height: 320,
    marginRight: 70,
    x: { label: 'KL to the prior (nats)', grid: true },
    y: { label: `E[${name}]`, grid: true },
    color: { type: 'identity' },
    marks: [
      Plot.line(points, { x: 'kl', y: 'value', z: 'engine', stroke: 'colour', strokeOpacity: 0.7 }),
      Plot.dot(points, { x: 'kl', y: 'value', fill: 'colour', r: 4 }),
      Plot.text(
        points.filter((p) => p.engine === points[0].engine),
        { x: 'kl', y: 'value', text: 'setting', dx: 8, textAnchor: 'start', fontSize: 10 },
      ),
    ],
  };
  return figureHtml(`${name} against the distance from the prior, along the sweep`, plot, {
    caption: `The frontier of ${name}`,
    head: ['engine', 'params', 'KL to prior', `E[${name}]`],
    rows: points.map((p) => [p.engine, p.setting, figure(p.kl), figure(p.value)]),
  });
}

/** What a sweep trades: how far the posterior moves from its prior for what it gains. */
export function frontier(data: ReportData): Section | undefined {
  if (new Set(data.comparisons.map((c) => settingText(c.setting))).size < 2) return undefined;
  const names = Object.keys(data.comparisons[0].comparison.prior.expectations);
  const plots = names.map((name) => {
    const points = pointsOf(data, name);
    return points.length < 2 ? '' : frontierPlot(points, name);
  });
  const engines = data.comparisons[0].comparison.engines.map((e, i) => ({ name: e.engine, colour: colour(i + 1) }));
  const legend = legendHtml([{ name: 'posterior', colour: colour(0) }, ...engines]);
  return {
    id: 'frontier',
    title: 'Frontier of the sweep',
    body: html`${legend}
      <div class="plots">${plots}</div>`,
  };
}
