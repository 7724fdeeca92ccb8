import { usageError, type Arguments } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT, exitCode } from '../cli/failure.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { budgetOf, numberOf, paramSettings } from '../cli/settings.ts';
import type { Terminal } from '../cli/terminal.ts';
import { writeWhole } from '../cli/write-file.ts';
import { testDocument } from '../property-tests/document.ts';
import { testFiles } from '../property-tests/files.ts';
import { junitXml } from '../property-tests/junit.ts';
import { countsOf, type Counts, type FileResult } from '../property-tests/results.ts';
import { testFile, type TestSettings } from '../property-tests/run-file.ts';
import { coverageText, failureText, fileLine, resultLine, summaryLines } from '../property-tests/text.ts';
import { changed } from '../property-tests/watch.ts';

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = numberOf(text);
  if (value !== undefined && Number.isSafeInteger(value) && value >= 1 && value <= 1e8) return value;
  throw usageError(`--${option} needs a whole number from 1 to 100,000,000; found "${text}".`);
}

function share(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = numberOf(text);
  if (value !== undefined && value > 0 && value < 0.5) return value;
  throw usageError(`--${option} needs a number between 0 and 0.5; found "${text}".`);
}

function pattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    throw usageError(`--grep needs a regular expression: ${(error as Error).message}.`);
  }
}

function settingsOf(args: Arguments, signal: AbortSignal): TestSettings {
  const { sequences, milliseconds } = budgetOf(args.value('budget'));
  return {
    params: paramSettings(args.values('set')),
    allowExtern: !args.flag('no-extern'),
    grep: pattern(args.value('grep')),
    seed: args.value('seed') ?? '0',
    runs: wholeNumber('runs', args.value('runs')),
    draws: Number.isFinite(sequences) ? sequences : undefined,
    errorRate: share('error-rate', args.value('error-rate')),
    timeLimit: Number.isFinite(milliseconds) ? milliseconds : undefined,
    laws: args.flag('laws'),
    signal,
  };
}

interface Round {
  readonly files: readonly FileResult[];
  readonly counts: Counts;
  readonly code: number;
}

/** Failures of the world outside count more than failures of the model: there is nothing to learn from those. */
function codeOf(files: readonly FileResult[], counts: Counts, allowUndecided: boolean): number {
  const errors = files.flatMap((f) => [...(f.error ? [f.error] : []), ...f.results.flatMap((r) => r.error ?? [])]);
  const codes = errors.map(exitCode);
  if (codes.includes(EXIT.usage)) return EXIT.usage;
  if (codes.includes(EXIT.outside)) return EXIT.outside;
  const open = allowUndecided ? 0 : counts.undecided;
  return counts.fails + counts.error + open > 0 ? EXIT.model : EXIT.done;
}

async function testAll(
  paths: readonly string[],
  args: Arguments,
  settings: TestSettings,
  terminal: Terminal,
): Promise<Round> {
  // prettier-ignore
  const files: FileResult[] = [];
  const start = performance.now();
  const print = (text: string): void => (terminal.json ? undefined : terminal.out(text));
  for (const path of paths) {
    terminal.status(path);
    const lines: string[] = [];
    const file = await testFile(path, settings, terminal, (r) => {
      terminal.status(`${path} > ${r.name}`);
      lines.push(resultLine(r, terminal));
    });
    terminal.status(undefined);
    files.push(file);
    print(fileLine(file, terminal) + lines.join(''));
  }
  const counts = countsOf(files);
  const code = codeOf(files, counts, args.flag('allow-undecided'));
  for (const f of files) print(failureText(f, terminal));
  if (!terminal.quiet) for (const f of files) print(coverageText(f, terminal));
  print(summaryLines(files, counts, settings.seed, performance.now() - start, terminal));
  return { files, counts, code };
}

/** Nothing tested is no success: a pattern that fits nothing is a slip, and so is a file without properties. */
function checkSomething({ files, counts }: Round, settings: TestSettings): void {
  if (Object.values(counts).some((n) => n > 0)) return;
  if (settings.grep !== undefined && files.some((f) => f.skipped > 0)) {
    throw usageError(`no property matches --grep ${settings.grep.source}.`, 'post test FILE lists them all');
  }
  throw usageError('there is no property to test.', 'property "never curses": forall x in posterior: noCurse(x)');
}

async function writeReports(round: Round, args: Arguments, terminal: Terminal, settings: TestSettings): Promise<void> {
  const junit = args.value('junit');
  const { files, code } = round;
  if (junit !== undefined) {
    const detail = (f: FileResult, r: FileResult['results'][number]): string =>
      failureText({ ...f, results: [r] }, { ...terminal, outColours: PLAIN(terminal) });
    await writeWhole(junit, junitXml(files, detail, args.flag('allow-undecided')), '--junit');
  }
  if (terminal.json) {
    terminal.out(`${toJson(testDocument(files, settings.seed, code === EXIT.done, terminal.sources))}\n`);
  }
}

/** A terminal's colours, all of them plain. */
const PLAIN = (terminal: Terminal): Terminal['outColours'] =>
  Object.fromEntries(Object.keys(terminal.outColours).map((k) => [k, String])) as unknown as Terminal['outColours'];

/** `post test`: the properties of files and folders; exit 1 where one fails or stays undecided. */
export async function test({ args, terminal }: CommandContext): Promise<number> {
  const watching = args.flag('watch');
  if (watching && (terminal.json || args.operands.includes('-'))) {
    throw usageError('--watch goes on for ever: it takes neither --json nor standard input.');
  }
  const interrupt = listenForInterrupt(() => terminal.log('stopping; Ctrl-C again to quit at once'));
  const settings = settingsOf(args, interrupt.signal);
  try {
    for (;;) {
      const paths = await testFiles(args.operands);
      const round = await testAll(paths, args, settings, terminal);
      await writeReports(round, args, terminal, settings);
      if (!watching) {
        checkSomething(round, settings);
        return round.code;
      }
      terminal.log('waiting for changes; Ctrl-C ends it');
      await changed(paths, interrupt.signal);
      if (interrupt.signal.aborted) return EXIT.interrupted;
      terminal.out('\n');
    }
  } finally {
    terminal.status(undefined);
    interrupt.release();
  }
}
