import { data } from './data.ts';
import { events } from './events.ts';
import { priors } from './priors.ts';
import { properties } from './properties.ts';
import { random } from './random.ts';
import { scoreFunctions } from './score-functions.ts';
import { scores } from './scores.ts';
import type { Builtin } from './types.ts';

/** Every builtin of the language, once. */
export const builtins: readonly Builtin[] = [
  ...priors,
  ...scores,
  ...scoreFunctions,
  ...events,
  ...random,
  ...data,
  ...properties,
];

const byName: ReadonlyMap<string, Builtin> = new Map(builtins.map((b) => [b.name, b]));

export const builtinNamed = (name: string): Builtin | undefined => byName.get(name);

export type { Builtin, Family, Parameter, ParameterType, ResultType } from './types.ts';
