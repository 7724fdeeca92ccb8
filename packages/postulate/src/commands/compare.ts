import { engines } from '@postulate/inference';
import { openModel } from '../api/load.ts';
import type { CompareRequest } from '../api/types.ts';
import { usageError, type Arguments } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { comparisonDocument } from '../cli/compare-document.ts';
import { comparisonText } from '../cli/compare-table.ts';
import { printDiagnostics } from '../cli/diagnostics.ts';
import { EXIT } from '../cli/failure.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { openForCommand } from '../cli/open.ts';
import { progressDisplay } from '../cli/progress.ts';
import { writeWhole } from '../cli/write-file.ts';
import type { Swept } from '../report/from-comparison.ts';
import { VERSION } from '../version.ts';
import { budgetOf, drawCount, engineOptions, paramSettings, runtimeOf } from '../cli/settings.ts';
import { settingText, sweepSettings } from '../cli/sweep.ts';
import type { Terminal } from '../cli/terminal.ts';

/** Draws of each engine where `-n` does not say. */
const DRAWS = '1000';

/** `smc.particles=200` by the engine it is for. */
function optionsByEngine(written: readonly string[], names: readonly string[]): CompareRequest['options'] {
  const byEngine: Record<string, Record<string, number | boolean | string>> = {};
  for (const [key, value] of Object.entries(engineOptions(written))) {
    const engine = names.find((n) => key.startsWith(`${n}.`));
    if (engine === undefined) {
      throw usageError(
        `--option ${key} does not say which of the engines it is for.`,
        `write ENGINE.option=value, with ENGINE one of ${names.join(', ')}`,
      );
    }
    (byEngine[engine] ??= {})[key.slice(engine.length + 1)] = value;
  }
  return byEngine;
}

/** Engines by name; `all` stands for every one there is, those that refuse included. */
function enginesOf(args: Arguments): readonly string[] {
  const written = args.value('engines');
  if (written === undefined)
    throw usageError('post compare needs --engines.', '--engines exact,importance, or --engines all');
  const names = written.split(',').map((n) => n.trim());
  const without = args.value('proposal') === undefined ? ['auto', 'policy'] : ['auto'];
  const all = engines.map((e) => e.name).filter((n) => !without.includes(n));
  const chosen = [...new Set(names.flatMap((n) => (n === 'all' ? all : [n])))];
  if (chosen.some((n) => n === '')) throw usageError('--engines has an empty name.', '--engines exact,importance');
  return chosen;
}

function requestOf(args: Arguments, names: readonly string[]): CompareRequest {
  const draws = drawCount(args.value('draws') ?? DRAWS);
  if (draws === 0) throw usageError('post compare needs at least one draw.', '-n 1000');
  const { sequences } = budgetOf(args.value('budget'));
  const expect = args.values('expect');
  const proposal = args.value('proposal');
  return {
    engines: names,
    n: draws,
    seed: args.value('seed') ?? '0',
    options: optionsByEngine(args.values('option'), names),
    ...(proposal === undefined ? {} : { proposal }),
    ...(Number.isFinite(sequences) ? { budget: sequences } : {}),
    ...(expect.length === 0 ? {} : { expect }),
  };
}

/** A progress line of each engine in turn. */
function progressOf(terminal: Terminal, heading: string): CompareRequest['onProgress'] {
  const label = heading === '' ? '' : `${heading} · `;
  const lines = new Map<string, ReturnType<typeof progressDisplay>>();
  return (engine, progress) => {
    const line = lines.get(engine) ?? progressDisplay(terminal, label);
    lines.set(engine, line);
    line(progress);
  };
}

function print(swept: readonly Swept[], terminal: Terminal): void {
  if (terminal.json) {
    const comparisons = swept.flatMap((s) => s.comparisons.map((c) => comparisonDocument(c, s.setting)));
    terminal.out(`${toJson({ comparisons })}\n`);
    return;
  }
  const texts = swept.flatMap((s) =>
    s.comparisons.map((c) => comparisonText(c, settingText(s.setting), terminal.outColours)),
  );
  terminal.out(`${texts.join('\n\n\n')}\n`);
}

/** Writes the page; its drawings are the only thing that needs a plotting library, so that is loaded here. */
async function writeReport(
  path: string,
  swept: readonly Swept[],
  source: { name: string; text: string },
): Promise<void> {
  const { reportOfComparison } = await import('../report/from-comparison.ts');
  const { reportPage } = await import('../report/page.ts');
  await writeWhole(path, reportPage(reportOfComparison(swept, source, VERSION)), '--report');
}

/** `post compare`: the same posterior by several engines, beside its prior and its exact answer. */
export async function compare({ args, terminal }: CommandContext): Promise<number> {
  const names = enginesOf(args);
  const request = requestOf(args, names);
  const set = paramSettings(args.values('set'));
  const settings = sweepSettings(args.values('sweep'), set);
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; Ctrl-C again to quit at once'));
  const swept: Swept[] = [];
  let source = { name: '', text: '' };
  try {
    for (const setting of settings) {
      const opened = await openForCommand(args.operands[0], terminal, { set: { ...set, ...setting } });
      source = { name: opened.name, text: opened.text };
      if (swept.length === 0 && !terminal.json && !terminal.quiet) printDiagnostics(opened.warnings, terminal);
      const model = openModel(opened, {
        allowExtern: !args.flag('no-extern'),
        ...runtimeOf(args),
        onMessage: (message) => terminal.log(message),
      });
      const comparisons = await model.posterior(args.value('posterior')).compare({
        ...request,
        signal: interrupt.signal,
        onProgress: progressOf(terminal, settingText(setting)),
      });
      terminal.status(undefined);
      swept.push({ setting: { ...set, ...setting }, comparisons });
      if (interrupt.signal.aborted) break;
    }
    print(swept, terminal);
    const report = args.value('report');
    if (report !== undefined) {
      await writeReport(report, swept, source);
      terminal.log(`wrote ${report}`);
    }
    return interrupt.signal.aborted ? EXIT.interrupted : EXIT.done;
  } finally {
    interrupt.release();
  }
}
