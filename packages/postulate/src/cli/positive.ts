import { type Arguments, usageError } from './arguments.ts';

/** The value of an option that takes a positive number; P901 for anything else. */
export function positive(args: Arguments, name: string, otherwise: number, whole: boolean): number {
  const written = args.value(name);
  if (written === undefined) return otherwise;
  const value = Number(written);
  if (value > 0 && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  throw usageError(`--${name} takes a positive ${whole ? 'whole number' : 'number'}, not "${written}".`);
}
