import type { ModelGraph } from '@postulate/graph';
import type { Posterior, Result, RunOptions, TextDraw } from '../api/types.ts';
import { openModel } from '../api/load.ts';
import { usageError, type Arguments } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { printDiagnostics } from '../cli/diagnostics.ts';
import { EXIT } from '../cli/failure.ts';
import { listenForInterrupt, type Interrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { openForCommand } from '../cli/open.ts';
import { checkOutFolder, writeOutFolder } from '../cli/out-folder.ts';
import { progressDisplay } from '../cli/progress.ts';
import { sampleDocument } from '../cli/result-document.ts';
import { budgetOf, drawCount, engineOptions, paramSettings, workerCount } from '../cli/settings.ts';
import { oneLine, summaryText } from '../cli/summary.ts';
import type { Terminal } from '../cli/terminal.ts';

/** What the command's options say about the run itself. */
function runOptions(args: Arguments): RunOptions {
  const budget = budgetOf(args.value('budget'));
  const expect = args.values('expect');
  return {
    engine: args.value('engine') ?? 'auto',
    n: drawCount(args.value('draws')),
    seed: args.value('seed') ?? '0',
    options: engineOptions(args.values('option')),
    budget: budget.sequences,
    workers: workerCount(args.value('workers')),
    ...(Number.isFinite(budget.milliseconds) ? { timeLimit: budget.milliseconds } : {}),
    ...(expect.length === 0 ? {} : { expect }),
  };
}

/** `--runtime` says what evaluates a neural prior: wrong where the file has none. */
function checkRuntime(written: string | undefined, graph: ModelGraph): void {
  const neural = graph.nodes.some((n) => n.kind === 'prior' && n.name === 'lm');
  if (written === undefined || neural) return;
  throw usageError(
    '--runtime chooses what evaluates a neural prior, and this file has none.',
    'leave --runtime out: n-gram, ARPA, bigram and tabular priors need no runtime',
  );
}

/** Prints draws as they come; those of a family under a heading for each value of the context. */
function drawPrinter(terminal: Terminal): (draws: readonly TextDraw[]) => void {
  let current: string | undefined;
  const heading = ({ context }: TextDraw): string => {
    if (context === undefined || context === current) return '';
    const gap = current === undefined ? '' : '\n';
    current = context;
    return `${gap}${terminal.outColours.dim(`context: ${oneLine(context)}`)}\n`;
  };
  return (draws) => {
    if (draws.length > 0) terminal.out(draws.map((d) => `${heading(d)}${oneLine(d.text)}\n`).join(''));
  };
}

function printSummary(result: Result, terminal: Terminal): void {
  const gap = result.draws.length > 0 ? '\n' : '';
  terminal.out(`${gap}${summaryText(result, terminal.outColours)}\n`);
}

/** Runs the posterior, showing draws as they become final. */
async function runShown(posterior: Posterior, options: RunOptions, terminal: Terminal, interrupt: Interrupt) {
  const show = progressDisplay(terminal);
  const results = await posterior.runAll({
    ...options,
    signal: interrupt.signal,
    onMessage: (message) => terminal.log(message),
    onProgress: show,
    ...(terminal.json ? {} : { onDraws: drawPrinter(terminal) }),
  });
  terminal.status(undefined);
  return results;
}

function printResults(results: readonly Result[], terminal: Terminal): void {
  if (terminal.json) {
    terminal.out(`${toJson(sampleDocument(results, terminal.sources))}\n`);
    return;
  }
  for (const result of results) printSummary(result, terminal);
  if (!terminal.quiet) {
    for (const result of results) printDiagnostics(result.warnings, terminal);
  }
}

/** `post sample`: draws, then what is known of the run. */
export async function sample({ args, terminal }: CommandContext): Promise<number> {
  const options = runOptions(args);
  const out = args.value('out');
  checkOutFolder(out);
  const params = paramSettings(args.values('set'));
  const opened = await openForCommand(args.operands[0], terminal, { set: params });
  checkRuntime(args.value('runtime'), opened.graph);
  if (!terminal.json && !terminal.quiet) printDiagnostics(opened.warnings, terminal);
  const model = openModel(opened, {
    params,
    allowExtern: !args.flag('no-extern'),
    onMessage: (message) => terminal.log(message),
  });
  const posterior = model.posterior(args.value('posterior'));
  await posterior.prepare();
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; Ctrl-C again to quit at once'));
  try {
    const shown = await runShown(posterior, options, terminal, interrupt);
    const results = terminal.json ? shown.map((r) => ({ ...r, warnings: [...opened.warnings, ...r.warnings] })) : shown;
    if (out !== undefined) await writeOutFolder(out, results, terminal.sources);
    printResults(results, terminal);
    return interrupt.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    interrupt.release();
  }
}
