import { parseArguments, usageError } from './arguments.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './commands.ts';
import { EXIT, reportFailure } from './failure.ts';
import { commandHelp, overview } from './help.ts';
import { didYouMean } from '../suggest.ts';
import { endQuietlyOnClosedPipe, processTerminal, type Terminal } from './terminal.ts';
import { VERSION } from '../version.ts';

function findCommand(name: string): CommandSpec {
  const found = COMMANDS.find((c) => c.name === name);
  if (found) return found;
  const names = COMMANDS.map((c) => c.name);
  const hint = name.endsWith('.post') ? ` Did you mean post check ${name}?` : didYouMean(name, names);
  throw usageError(`there is no command "${name}".${hint}`, 'post --help lists the commands');
}

/** `post help check`, `post check --help` and `post --help` come to the same. */
function helpFor(words: readonly string[], terminal: Terminal): number {
  const name = words.find((w) => !w.startsWith('-') && w !== 'help');
  terminal.out(name === undefined ? overview(COMMANDS, VERSION) : commandHelp(findCommand(name)));
  return EXIT.done;
}

async function dispatch(words: readonly string[], terminal: Terminal): Promise<number> {
  const at = words.findIndex((w) => !w.startsWith('-'));
  const name = at === -1 ? undefined : words[at];
  if (name === 'help') return helpFor(words, terminal);
  if (name === undefined) {
    if (words.includes('--version') || words.includes('-V')) {
      terminal.out(terminal.json ? `${JSON.stringify({ version: VERSION })}\n` : `${VERSION}\n`);
      return EXIT.done;
    }
    const unknown = words.find((w) => !['--help', '-h', '--json', '--quiet', '-q'].includes(w));
    if (unknown !== undefined) {
      throw usageError(`post has no option ${unknown}.${didYouMean(unknown, ['--help', '--version'])}`);
    }
    if (words.includes('--help') || words.includes('-h')) return helpFor(words, terminal);
    throw usageError('no command was given.', 'post --help lists the commands');
  }
  const spec = findCommand(name);
  const given = [...words.slice(0, at), ...words.slice(at + 1)];
  const args = parseArguments(spec, given);
  if (args.flag('help')) return helpFor([spec.name], terminal);
  const run = await spec.load();
  return run({ args, terminal });
}

/** Runs `post` on the words after its name, writing to `terminal`, and returns the exit code. */
export async function runWords(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(words, terminal);
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

/** Runs `post` in this process's own terminal. */
export async function main(words: readonly string[]): Promise<number> {
  endQuietlyOnClosedPipe();
  const before = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  const quiet = before.includes('--quiet') || before.includes('-q');
  return runWords(words, processTerminal({ json: before.includes('--json'), quiet }));
}
