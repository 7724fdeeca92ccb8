import type { FitOptions, FitResult } from '../api/types.ts';
import { openModel } from '../api/load.ts';
import { usageError, type Arguments } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { printDiagnostics } from '../cli/diagnostics.ts';
import { EXIT } from '../cli/failure.ts';
import { fitDisplay } from '../cli/fit-progress.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { openForCommand } from '../cli/open.ts';
import { sampleDocument } from '../cli/result-document.ts';
import { drawCount, engineOptions, numberOf, paramSettings, runtimeOf } from '../cli/settings.ts';
import { oneLine, summaryText } from '../cli/summary.ts';
import type { Terminal } from '../cli/terminal.ts';
import { openFitFolder, type OpenFitFolder } from '../run-folder/fit-folder.ts';
import { identityOf } from '../run-folder/identity.ts';
import { checkOutFolder } from '../run-folder/run-folder.ts';

/** Steps where the option leaves them to the engine: for the progress line alone. */
const STEPS = 300;

function checkpointEvery(text: string | undefined): number {
  const value = text === undefined ? 50 : numberOf(text);
  if (value !== undefined && Number.isInteger(value) && value > 0) return value;
  throw usageError(`--checkpoint needs a whole number from 1; found "${text}".`);
}

function fitOptions(args: Arguments): FitOptions & { readonly draws: number; readonly seed: string } {
  const expect = args.values('expect');
  const engine = args.value('engine');
  if (engine === undefined)
    throw usageError('post fit needs an engine that trains.', 'name one: --engine gdc or kl-rl');
  return {
    engine,
    options: engineOptions(args.values('option')),
    seed: args.value('seed') ?? '0',
    draws: drawCount(args.value('draws')),
    checkpointEvery: checkpointEvery(args.value('checkpoint')),
    ...(expect.length === 0 ? {} : { expect }),
  };
}

function outFolder(args: Arguments): string {
  const out = args.value('out');
  if (out === undefined) throw usageError('post fit needs a folder to keep the policy in.', 'name it with --out DIR');
  checkOutFolder(out, args.flag('resume'));
  return out;
}

function print(fit: FitResult, out: string, terminal: Terminal): void {
  if (terminal.json) {
    const { engine, options, steps, parameters, heldOut, reason } = fit;
    const about = {
      engine,
      options,
      steps,
      parameters,
      heldOut,
      folder: out,
      ...(reason === undefined ? {} : { reason }),
    };
    const whole = sampleDocument(fit.results, terminal.sources);
    terminal.out(`${toJson({ fit: about, ...whole })}\n`);
    return;
  }
  for (const result of fit.results) {
    const context = result.context === undefined ? '' : `context: ${oneLine(result.context)}\n`;
    terminal.out(`${context}${summaryText({ ...result, draws: [] }, terminal.outColours)}\n`);
  }
  terminal.log(`the policy is in ${out}: prior = fitted("${out}"), or --proposal ${out} to correct it`);
  if (!terminal.quiet) for (const r of fit.results) printDiagnostics(r.warnings, terminal);
}

/** What a failed run leaves behind is told before the failure is. */
function tellKept(folder: OpenFitFolder, out: string, terminal: Terminal): void {
  terminal.status(undefined);
  if (folder.kept > 0) terminal.log(`the last good checkpoint, of step ${folder.kept}, is kept in ${out}`);
}

/** `post fit`: trains a policy towards a posterior, kept in a folder with all that it takes to go on. */
export async function fit({ args, terminal }: CommandContext): Promise<number> {
  const options = fitOptions(args);
  const out = outFolder(args);
  const params = paramSettings(args.values('set'));
  const opened = await openForCommand(args.operands[0], terminal, { set: params });
  if (!terminal.json && !terminal.quiet) printDiagnostics(opened.warnings, terminal);
  const onMessage = (message: string): void => terminal.log(message);
  const model = openModel(opened, { params, allowExtern: !args.flag('no-extern'), ...runtimeOf(args), onMessage });
  const posterior = model.posterior(args.value('posterior'));
  await posterior.prepare();
  const { name, graphHash } = posterior;
  const run = { engine: options.engine, options: options.options, n: options.draws, seed: options.seed };
  const identity = identityOf({
    ...{ compiled: opened, graph: opened.graph, posterior: name, graphHash, kind: 'fit' },
    ...{ models: await posterior.models(), run: { ...run, expect: options.expect ?? [] } },
  });
  const folder = openFitFolder(out, identity);
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; Ctrl-C again to quit at once'));
  try {
    if (folder.kept > 0) terminal.log(`going on from step ${folder.kept}`);
    const steps = Number(options.options?.['steps'] ?? STEPS);
    const { signal } = interrupt;
    const result = await posterior.fit({ ...options, folder, signal, onMessage, onStep: fitDisplay(terminal, steps) });
    terminal.status(undefined);
    if (result.stopped) {
      terminal.log(`stopped after step ${result.steps}; --resume goes on with the run in ${out}`);
      return EXIT.interrupted;
    }
    folder.finish(result, terminal.sources);
    print(result, out, terminal);
    return EXIT.done;
  } catch (error) {
    tellKept(folder, out, terminal);
    throw error;
  } finally {
    interrupt.release();
    folder.close();
  }
}
