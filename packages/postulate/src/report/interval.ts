import type { Estimate } from '@postulate/inference';
import { estimateText } from '../cli/numbers.ts';
import { Plot } from './plot.ts';

/** An estimate with its 95% interval, as a row of a plot. */
export interface Interval {
  readonly name: string;
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
  readonly text: string;
  readonly colour: string;
}

export function interval(name: string, e: Estimate | null | undefined, colour: string): Interval | undefined {
  if (e === null || e === undefined || !Number.isFinite(e.value)) return undefined;
  const half = 1.96 * (Number.isFinite(e.standardError) ? e.standardError! : 0);
  return { name, value: e.value, lo: e.value - half, hi: e.value + half, text: estimateText(e), colour };
}

/** Width of the longest label, px. */
const labelWidth = (rows: readonly Interval[]): number => 14 + 7 * Math.max(...rows.map((r) => [...r.name].length));

/** Points with their 95% intervals, one row each. */
export function intervalPlot(rows: readonly Interval[], label: string, marks: Plot.Markish[] = []): Plot.PlotOptions {
  return {
    height: 68 + 22 * rows.length,
    marginLeft: Math.min(220, labelWidth(rows)),
    x: { label, grid: true, nice: true, ticks: 5 },
    y: { label: null, domain: rows.map((r) => r.name), tickSize: 0 },
    marks: [
      ...marks,
      Plot.ruleY(rows, { y: 'name', x1: 'lo', x2: 'hi', stroke: 'colour', strokeWidth: 2 }),
      Plot.dot(rows, { x: 'value', y: 'name', fill: 'colour', r: 4 }),
    ],
    color: { type: 'identity' },
  };
}
