import { type Argument, type Arguments, type DiagnosticCode, fail, type PostError } from '@postulate/graph';

/** What stands for context variables when a prior is bound. */
export type ContextValues = Readonly<Record<string, string>>;

function wrong(prior: string, name: string, expected: string, found: Argument | undefined): PostError {
  const what = found === undefined ? 'it is missing' : `it is a ${found.kind}`;
  return fail('P307', `${prior} needs ${expected} as \`${name}\`, but ${what}.`);
}

export function stringArgument(prior: string, args: Arguments, name: string, context: ContextValues): string {
  const found = args[name];
  if (found?.kind === 'string') return found.value;
  if (found?.kind === 'context' && context[found.name] !== undefined) return context[found.name];
  throw wrong(prior, name, 'a string', found);
}

export function optionalString(
  prior: string,
  args: Arguments,
  name: string,
  context: ContextValues,
): string | undefined {
  return args[name] === undefined ? undefined : stringArgument(prior, args, name, context);
}

export function optionalNumber(prior: string, args: Arguments, name: string): number | undefined {
  const found = args[name];
  if (found === undefined) return undefined;
  if (found.kind === 'number' && !Number.isNaN(found.value)) return found.value;
  throw wrong(prior, name, 'a number', found);
}

/** A whole number of at least 1. */
export function countArgument(
  prior: string,
  args: Arguments,
  name: string,
  missing: DiagnosticCode,
  fallback?: number,
): number {
  const value = optionalNumber(prior, args, name) ?? fallback;
  if (value === undefined) {
    throw fail(missing, `${prior} needs \`${name}\`: it bounds how many tokens a text can have.`, {
      help: `add \`${name} = 20\`, say.`,
    });
  }
  if (!Number.isInteger(value) || value < 1 || value > 1_000_000) {
    throw fail('P307', `\`${name}\` of ${prior} must be a whole number from 1 to 1000000, but it is ${value}.`);
  }
  return value;
}

/** Record entries whose values are numbers. */
export function numberEntries(prior: string, name: string, found: Argument | undefined): readonly [string, number][] {
  if (found?.kind !== 'record') throw wrong(prior, name, 'a record', found);
  return found.entries.map(([key, value]) => {
    if (value.kind !== 'number') throw wrong(prior, `${name}["${key}"]`, 'a number', value);
    return [key, value.value];
  });
}

/** Record entries whose values are records. */
export function recordEntries(
  prior: string,
  name: string,
  found: Argument | undefined,
): readonly (readonly [string, Argument])[] {
  if (found?.kind !== 'record') throw wrong(prior, name, 'a record', found);
  return found.entries;
}
