import { fail, type Argument, type Arguments } from '@postulate/graph';
import type { DataSource } from '../data/data-source.ts';

/** What arguments that are resolved late refer to. */
export interface Resolving {
  readonly data: DataSource;
  /** Value of each context variable. */
  readonly context: Readonly<Record<string, string>>;
}

/** A leaf of the graph being bound, for messages. */
export interface Call {
  readonly name: string;
  readonly args: Arguments;
}

function missing(call: Call, name: string, what: string) {
  return fail('P307', `\`${call.name}\` needs ${what} as its argument \`${name}\``, {
    help: `write it as ${call.name}(${name} = …).`,
  });
}

export function booleanOf(call: Call, name: string): boolean {
  const arg = call.args[name];
  if (arg === undefined) return false;
  if (arg.kind !== 'boolean') throw missing(call, name, '`true` or `false`');
  return arg.value;
}

/** A whole number of at least 1. */
export function countOf(call: Call, name: string): number {
  const arg = call.args[name];
  if (arg?.kind !== 'number' || !Number.isInteger(arg.value) || arg.value < 1) {
    throw missing(call, name, 'a whole number of at least 1');
  }
  return arg.value;
}

export async function stringOf(call: Call, name: string, from: Resolving): Promise<string> {
  const strings = await stringsOf(call, name, from);
  if (call.args[name]?.kind === 'list' || strings.length !== 1) throw missing(call, name, 'one string');
  return strings[0];
}

/** A string, or a list of strings written out or kept in a file. */
export async function stringsOf(call: Call, name: string, from: Resolving): Promise<readonly string[]> {
  const arg = call.args[name];
  if (arg === undefined) throw missing(call, name, 'a string');
  return resolveStrings(arg, from, () => missing(call, name, 'strings'));
}

async function resolveStrings(arg: Argument, from: Resolving, refuse: () => Error): Promise<readonly string[]> {
  switch (arg.kind) {
    case 'string':
      return [arg.value];
    case 'context':
      return [contextValue(arg.name, from)];
    case 'list':
      return (await Promise.all(arg.items.map((item) => resolveStrings(item, from, refuse)))).flat();
    case 'data':
      return from.data[arg.source](arg.name);
    case 'number':
    case 'boolean':
    case 'record':
      throw refuse();
    default:
      return arg satisfies never;
  }
}

function contextValue(name: string, from: Resolving): string {
  const value = from.context[name];
  if (value === undefined) throw fail('P100', `the context variable \`${name}\` has no value here`);
  return value;
}

/** Weights of words: a record of the file, or a file or bundled lexicon by name. */
export async function weightsOf(call: Call, name: string, from: Resolving): Promise<ReadonlyMap<string, number>> {
  const arg = call.args[name];
  if (arg?.kind === 'string') return from.data.weights(arg.value);
  if (arg?.kind === 'context') return from.data.weights(contextValue(arg.name, from));
  if (arg?.kind !== 'record') throw missing(call, name, 'a record of weights or the name of a lexicon');
  return new Map(
    arg.entries.map(([word, weight]) => {
      if (weight.kind !== 'number') throw missing(call, name, `a number for ${JSON.stringify(word)}`);
      return [word, weight.value] as const;
    }),
  );
}

/** The context variables that arguments refer to. */
export function contextNames(args: Arguments): readonly string[] {
  const visit = (arg: Argument): readonly string[] => {
    if (arg.kind === 'context') return [arg.name];
    if (arg.kind === 'list') return arg.items.flatMap(visit);
    return arg.kind === 'record' ? arg.entries.flatMap(([, item]) => visit(item)) : [];
  };
  return Object.values(args).flatMap(visit);
}
