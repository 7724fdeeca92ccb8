import { fail, nearestName } from '@postulate/graph';
import type { AnyEngine } from '../engines/index.ts';

type Value = number | boolean | string;

function unknownOption(engine: AnyEngine, name: string): Error {
  const names = Object.keys(engine.defaults);
  const guess = nearestName(name, names);
  return fail(
    'P602',
    `the engine ${engine.name} has no option "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
    { help: names.length === 0 ? 'it has none' : `its options are ${names.join(', ')}`, kind: 'usage' },
  );
}

/** Where the default counts something, zero of it would never end; a share may be zero. */
const mayBeZero = (like: number): boolean => like === 0 || !Number.isInteger(like);

/** Options arrive as text from a command line and as values from a program; both are read. */
function read(given: unknown, like: Value): Value | undefined {
  switch (typeof like) {
    case 'number': {
      const x = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
      const legal = typeof x === 'number' && x >= 0 && (mayBeZero(like) || x > 0);
      return legal ? x : undefined;
    }
    case 'boolean':
      if (given === 'true' || given === true) return true;
      return given === 'false' || given === false ? false : undefined;
    default:
      return typeof given === 'string' ? given : undefined;
  }
}

function expected(like: Value): string {
  if (typeof like === 'number') return mayBeZero(like) ? 'a number that is at least 0' : 'a positive number';
  return typeof like === 'boolean' ? 'true or false' : 'a name';
}

/** The options of a run: the engine's defaults with what is given on top. Throws P602. */
export function engineOptions(engine: AnyEngine, given: Readonly<Record<string, unknown>> = {}): object {
  const defaults = engine.defaults as Readonly<Record<string, Value>>;
  const options: Record<string, Value> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name)) throw unknownOption(engine, name);
    const parsed = read(value, defaults[name]);
    if (parsed === undefined) {
      throw fail(
        'P602',
        `the option ${name} of ${engine.name} takes ${expected(defaults[name])}, found ${String(value)}`,
        {
          help: (engine.optionHelp as Readonly<Record<string, string>>)[name],
          kind: 'usage',
        },
      );
    }
    options[name] = parsed;
  }
  return options;
}
