import { type Arguments, usageError } from './arguments.ts';

/** `k=v` taken apart at the first equals sign. */
export function keyValue(option: string, written: string): readonly [key: string, value: string] {
  const at = written.indexOf('=');
  if (at < 1) throw usageError(`--${option} takes name=value; found "${written}".`, `--${option} beta=0.5`);
  return [written.slice(0, at).trim(), written.slice(at + 1).trim()];
}

/** A finite or infinite decimal number, or undefined. */
export function numberOf(text: string): number | undefined {
  if (/^[+-]?inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** The `--set` options as values of params. */
export function paramSettings(written: readonly string[]): Readonly<Record<string, number>> {
  const settings: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const item of written) {
    const [key, text] = keyValue('set', item);
    const value = numberOf(text);
    if (value === undefined) throw usageError(`--set ${key} needs a number; found "${text}".`);
    if (key in settings) throw usageError(`--set ${key} is given twice.`);
    settings[key] = value;
  }
  return settings;
}

/** The `--option` options as an engine takes them: numbers and booleans where they read as such, else strings. */
export function engineOptions(written: readonly string[]): Readonly<Record<string, number | boolean | string>> {
  const options: Record<string, number | boolean | string> = {};
  for (const item of written) {
    const [key, text] = keyValue('option', item);
    if (Object.hasOwn(options, key)) throw usageError(`--option ${key} is given twice.`);
    options[key] = text === 'true' ? true : text === 'false' ? false : (numberOf(text) ?? text);
  }
  return options;
}

/** A number of draws: a whole number from 0. */
export function drawCount(text: string | undefined): number {
  if (text === undefined) return 100;
  const value = numberOf(text);
  if (value === undefined || !Number.isSafeInteger(value) || value < 0 || value > 1e9) {
    throw usageError(`-n needs a whole number from 0 to 1,000,000,000; found "${text}".`);
  }
  return value;
}

/** A number of worker threads. */
export function workerCount(text: string | undefined): number | 'auto' {
  if (text === undefined || text === 'auto') return 'auto';
  const value = numberOf(text);
  if (value === undefined || !Number.isInteger(value) || value < 1 || value > 256) {
    throw usageError(`--workers needs a whole number from 1 to 256, or auto; found "${text}".`);
  }
  return value;
}

/** How long a run may go on: sequences of the prior, and milliseconds; `Infinity` where there is no limit. */
export interface Budget {
  readonly sequences: number;
  readonly milliseconds: number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000 };

/** `1e6` (sequences) or `30s`, `500ms`, `5m`, `1h` (time). */
export function budgetOf(text: string | undefined): Budget {
  const none: Budget = { sequences: Infinity, milliseconds: Infinity };
  if (text === undefined) return none;
  const wrong = () =>
    usageError(`--budget needs a number of sequences or a time; found "${text}".`, '--budget 1e6, or --budget 30s');
  const [, digits, unit] = /^([\d.]+(?:e\+?\d+)?)(ms|s|m|min|h)?$/i.exec(text) ?? [];
  const value = digits === undefined ? undefined : numberOf(digits);
  if (value === undefined || value <= 0) throw wrong();
  if (unit !== undefined) return { ...none, milliseconds: value * UNITS[unit.toLowerCase()] };
  if (value < 1) throw wrong();
  return { ...none, sequences: Math.floor(value) };
}

/** `--runtime` and `--offline`, where they were given. */
export function runtimeOf(args: Arguments): { readonly runtime?: string; readonly offline?: boolean } {
  const runtime = args.value('runtime');
  return { ...(runtime === undefined ? {} : { runtime }), ...(args.flag('offline') ? { offline: true } : {}) };
}
