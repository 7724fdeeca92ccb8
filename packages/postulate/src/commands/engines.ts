import { engines as allEngines } from '@postulate/inference';
import type { EngineFitness } from '../api/types.ts';
import { openModel } from '../api/load.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { openForCommand } from '../cli/open.ts';
import { paramSettings, runtimeOf } from '../cli/settings.ts';
import { table } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';

function optionRows(engine: (typeof allEngines)[number]): readonly (readonly string[])[] {
  const help: Readonly<Record<string, string>> = engine.optionHelp;
  const defaults = engine.defaults as Readonly<Record<string, unknown>>;
  return Object.entries(help).map(([name, text]) => [`    ${name}=${String(defaults[name])}`, text]);
}

function printAll(terminal: Terminal): void {
  if (terminal.json) {
    const list = allEngines.map(({ name, guarantee, summary, defaults, optionHelp }) => {
      return { name, guarantee, summary, defaults, optionHelp };
    });
    terminal.out(`${toJson({ engines: list })}\n`);
    return;
  }
  const bold = terminal.outColours.bold;
  for (const engine of allEngines) {
    terminal.out(`${bold(engine.name)} (${engine.guarantee}): ${engine.summary}\n`);
    const rows = optionRows(engine);
    if (rows.length > 0) terminal.out(`${table(rows)}\n`);
  }
}

function printFitness(posterior: string, fitness: readonly EngineFitness[], terminal: Terminal): void {
  if (terminal.json) {
    const list = fitness.map(({ name, guarantee, fits, note }) => ({ name, guarantee, fits, note: note ?? null }));
    terminal.out(`${toJson({ posterior, engines: list })}\n`);
    return;
  }
  const { green, red, dim } = terminal.outColours;
  terminal.out(`${dim('posterior')} ${posterior}\n`);
  const lines = table(fitness.map((f) => [f.name, f.guarantee, f.fits ? 'yes' : 'no ', f.note ?? ''])).split('\n');
  lines.forEach((line, i) => {
    const paint = fitness[i].fits ? green : red;
    terminal.out(`${line.replace(/ {2}(yes|no)( |$)/, (whole) => paint(whole))}\n`);
  });
}

/** `post engines`: the engines there are, or which of them can run a posterior of a file. */
export async function engines({ args, terminal }: CommandContext): Promise<number> {
  if (args.operands.length === 0) {
    printAll(terminal);
    return EXIT.done;
  }
  const opened = await openForCommand(args.operands[0], terminal, { set: paramSettings(args.values('set')) });
  const model = openModel(opened, {
    allowExtern: !args.flag('no-extern'),
    ...runtimeOf(args),
    onMessage: (message) => terminal.log(message),
  });
  const posterior = model.posterior(args.value('posterior'));
  printFitness(posterior.name, await posterior.engines(), terminal);
  return EXIT.done;
}
