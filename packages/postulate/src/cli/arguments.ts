import { fail } from '@postulate/graph';
import { COMMON_OPTIONS, type CommandSpec, type OptionSpec } from './command.ts';
import { didYouMean } from '../suggest.ts';

/** What the user wrote after the name of the command. */
export interface Arguments {
  readonly operands: readonly string[];
  flag(name: string): boolean;
  /** The last value given to an option. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
}

/** A `PostError` for wrong usage: exit code 2. */
export function usageError(message: string, help?: string) {
  return fail('P901', message, { kind: 'usage', ...(help === undefined ? {} : { help }) });
}

function findOption(spec: CommandSpec, written: string): OptionSpec {
  const all = [...spec.options, ...COMMON_OPTIONS];
  const found = all.find((o) => written === `--${o.name}` || written === `-${o.short ?? ''}`);
  if (found) return found;
  const names = all.flatMap((o) => [`--${o.name}`, ...(o.short === undefined ? [] : [`-${o.short}`])]);
  throw usageError(
    `post ${spec.name} has no option ${written}.${didYouMean(written, names)}`,
    `post ${spec.name} --help lists its options`,
  );
}

/** `--name=value` and `-n5` taken apart; `--name` alone has no value yet. */
function splitOption(word: string): readonly [name: string, value: string | undefined] {
  if (word.startsWith('--')) {
    const equals = word.indexOf('=');
    return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
  }
  return word.length > 2 ? [word.slice(0, 2), word.slice(2).replace(/^=/, '')] : [word, undefined];
}

function checkOperands(spec: CommandSpec, operands: readonly string[]): void {
  const most = { none: 0, optional: 1, one: 1, many: Infinity }[spec.operands];
  const least = spec.operands === 'one' || spec.operands === 'many' ? 1 : 0;
  if (operands.length < least && spec.operand !== undefined) {
    throw usageError(`post ${spec.name} needs a ${spec.operand}; none was given.`, spec.examples[0]);
  }
  if (operands.length < least) {
    throw usageError(
      `post ${spec.name} needs a .post file; none was given.`,
      `post ${spec.name} model.post, or - to read standard input`,
    );
  }
  if (operands.length > most) {
    const limit = most === 0 ? 'no file' : 'one file';
    throw usageError(`post ${spec.name} takes ${limit}; also found ${operands.slice(most).join(' ')}.`);
  }
}

/** Reads `words` against a command's options. Errors are P901 and name what was meant where that can be guessed. */
export function parseArguments(spec: CommandSpec, words: readonly string[]): Arguments {
  const operands: string[] = [];
  const given = new Map<string, string[]>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(word);
      continue;
    }
    const [name, attached] = splitOption(word);
    const option = findOption(spec, name);
    const values = given.get(option.name) ?? [];
    given.set(option.name, values);
    if (option.value === undefined) {
      if (attached !== undefined) throw usageError(`${name} takes no value; found "${attached}".`);
      values.push('');
      continue;
    }
    const value = attached ?? words[++i];
    if (value === undefined || (attached === undefined && value.startsWith('--'))) {
      throw usageError(`${name} needs a value: ${name} ${option.value}.`);
    }
    if (values.length > 0 && option.repeated !== true) throw usageError(`${name} is given twice.`);
    values.push(value);
  }
  const helpWanted = given.has('help');
  if (!helpWanted) checkOperands(spec, operands);
  return {
    operands,
    flag: (name) => given.has(name),
    value: (name) => given.get(name)?.at(-1),
    values: (name) => given.get(name) ?? [],
  };
}
