import type { ModelGraph } from '@postulate/graph';
import type { Posterior, Result, RunOptions, TextDraw } from '../api/types.ts';
import { openModel } from '../api/load.ts';
import { usageError, type Arguments } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { printDiagnostics } from '../cli/diagnostics.ts';
import { EXIT, reportFailure } from '../cli/failure.ts';
import { listenForInterrupt, type Interrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { openForCommand, type Opened } from '../cli/open.ts';
import { progressDisplay } from '../cli/progress.ts';
import { sampleDocument } from '../cli/result-document.ts';
import { budgetOf, drawCount, engineOptions, paramSettings, runtimeOf, workerCount } from '../cli/settings.ts';
import { oneLine, summaryText } from '../cli/summary.ts';
import type { Terminal } from '../cli/terminal.ts';
import { identityOf } from '../run-folder/identity.ts';
import { checkOutFolder, openRunFolder, type RunFolder } from '../run-folder/run-folder.ts';

/** What the command's options say about the run itself. */
function runOptions(args: Arguments): RunOptions {
  const budget = budgetOf(args.value('budget'));
  const expect = args.values('expect');
  const proposal = args.value('proposal');
  return {
    engine: args.value('engine') ?? 'auto',
    n: drawCount(args.value('draws')),
    seed: args.value('seed') ?? '0',
    options: engineOptions(args.values('option')),
    budget: budget.sequences,
    workers: workerCount(args.value('workers')),
    ...(proposal === undefined ? {} : { proposal }),
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

/**
 * Runs the posterior, showing draws as they become final and putting them into the folder, where there is one. What breaks off is put
 * into `broken` after what was finished before.
 */
async function runShown(
  posterior: Posterior,
  options: RunOptions,
  terminal: Terminal,
  interrupt: Interrupt,
  { folder, broken }: { readonly folder: RunFolder | undefined; readonly broken: Result[] },
) {
  const show = progressDisplay(terminal);
  const print = terminal.json ? undefined : drawPrinter(terminal);
  let shown = 0;
  const finished: Result[] = [];
  const results = await posterior.runAll({
    ...options,
    signal: interrupt.signal,
    onMessage: (message) => terminal.log(message),
    onProgress: show,
    onDraws: (draws) => {
      folder?.add(draws);
      print?.(draws);
      shown += draws.length;
    },
    onResult: (result) => {
      finished.push(result);
      shown = 0;
      // What an interrupted run hands out at its end may be other draws than those it would have come to.
      if (!interrupt.signal.aborted) folder?.endMember(result);
    },
    onBroken: (result) => {
      print?.(result.draws.slice(shown));
      broken.push(...finished, result);
    },
    ...(folder === undefined ? {} : { journal: folder.journal }),
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

/** The error that broke a run off, after what it had come to. */
function reportBroken(broken: readonly Result[], error: unknown, terminal: Terminal, out: string | undefined): number {
  terminal.status(undefined);
  if (!terminal.json) printResults(broken, terminal);
  if (out !== undefined) terminal.log(`--resume goes on with the run in ${out}`);
  return reportFailure(error, terminal, sampleDocument(broken, terminal.sources));
}

async function identity(opened: Opened, posterior: Posterior, run: RunOptions) {
  const { name, graphHash } = posterior;
  return identityOf({
    ...{ compiled: opened, graph: opened.graph, posterior: name, graphHash },
    ...{ models: await posterior.models(), run },
  });
}

/** `post sample`: draws, then what is known of the run. */
export async function sample({ args, terminal }: CommandContext): Promise<number> {
  const options = runOptions(args);
  const out = args.value('out');
  checkOutFolder(out, args.flag('resume'));
  const params = paramSettings(args.values('set'));
  const opened = await openForCommand(args.operands[0], terminal, { set: params });
  checkRuntime(args.value('runtime'), opened.graph);
  if (!terminal.json && !terminal.quiet) printDiagnostics(opened.warnings, terminal);
  const model = openModel(opened, {
    params,
    allowExtern: !args.flag('no-extern'),
    ...runtimeOf(args),
    onMessage: (message) => terminal.log(message),
  });
  const posterior = model.posterior(args.value('posterior'));
  await posterior.prepare();
  const folder = out === undefined ? undefined : openRunFolder(out, await identity(opened, posterior, options));
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; Ctrl-C again to quit at once'));
  const broken: Result[] = [];
  try {
    const shown = await runShown(posterior, options, terminal, interrupt, { folder, broken });
    const whole = shown.map((r) => ({ ...r, warnings: [...opened.warnings, ...r.warnings] }));
    if (!interrupt.signal.aborted) folder?.finish(whole, terminal.sources);
    else if (folder !== undefined) terminal.log(`--resume goes on with the run in ${out}`);
    printResults(terminal.json ? whole : shown, terminal);
    return interrupt.signal.aborted ? EXIT.interrupted : EXIT.done;
  } catch (error) {
    if (broken.length === 0) throw error;
    return reportBroken(broken, error, terminal, out);
  } finally {
    interrupt.release();
    folder?.close();
  }
}
