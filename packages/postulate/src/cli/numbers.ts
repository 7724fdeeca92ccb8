import type { Estimate } from '@postulate/inference';

/** A number with about six significant digits; infinities by name. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan';
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(6)));
}

/** `0.445 ± 0.012`: as many decimals as two digits of the standard error warrant. */
export function estimateText(estimate: Estimate | null): string {
  if (estimate === null) return 'not available';
  const { value, standardError: error } = estimate;
  if (error === null) return `${figure(value)} (no standard error)`;
  if (error === 0 || !Number.isFinite(error) || !Number.isFinite(value)) return figure(value);
  const decimals = Math.max(0, 1 - Math.floor(Math.log10(error)));
  const rounded = value.toFixed(decimals).replace(/^-(?=[0.]*$)/, '');
  return decimals > 12 ? figure(value) : `${rounded} ± ${error.toFixed(decimals)}`;
}

/** 1234567 as `1,234,567`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A rate per second as `850`, `12.3k`, `1.2M`. */
export function compact(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)}M`;
  return value >= 1e4 ? `${(value / 1e3).toFixed(0)}k` : value.toFixed(0);
}

/** `42 s`, `3 min`, `2.1 h`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Stands in a table where a number cannot be had. */
export const NONE = '–';

/** Four significant digits: enough beside figures that have errors. */
export const rough = (x: number): string => figure(Number.isFinite(x) ? Number(x.toPrecision(4)) : x);

/** An estimate in a table: one without a standard error is rounded, and a zero has no zeros behind it. */
export function shown(e: Estimate | null | undefined): string {
  if (e === null || e === undefined) return NONE;
  return e.standardError === null ? rough(e.value) : estimateText(e).replace(/^0\.0+ ±/, '0 ±');
}

/** A share as `4.52%`. */
export const percent = (x: number): string => `${figure(Number((100 * x).toPrecision(3)))}%`;
