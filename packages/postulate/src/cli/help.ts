import { COMMON_OPTIONS, type CommandSpec, type OptionSpec } from './command.ts';
import { table } from './table.ts';

const indent = (text: string) => text.replace(/^/gm, '  ');

function optionRow(option: OptionSpec): readonly string[] {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` ${option.value}`;
  return [`${short}--${option.name}${value}`, option.repeated === true ? `${option.help} (repeatable)` : option.help];
}

function operands({ operands: count, operand = 'FILE' }: CommandSpec): string {
  return { none: '', optional: ` [${operand}]`, one: ` ${operand}`, many: ` ${operand}…` }[count];
}

/** The help of one command. */
export function commandHelp(spec: CommandSpec): string {
  const options = [...spec.options, ...COMMON_OPTIONS];
  const sections = [
    `post ${spec.name}${operands(spec)} [options]`,
    indent(spec.summary),
    `Options\n${indent(table(options.map(optionRow)))}`,
    `Examples\n${indent(spec.examples.join('\n'))}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The help of the whole command. */
export function overview(commands: readonly CommandSpec[], version: string): string {
  const rows = (list: readonly CommandSpec[]) => indent(table(list.map((c) => [c.name, c.summary])));
  return `post ${version}: state a posterior over texts in a .post file, and draw from it.

Usage
  post COMMAND [FILE…] [options]

Commands
${rows(commands)}

Every command takes --json, --quiet and --help, and reads - as standard input.
Exit codes: 0 done, 1 the model is wrong or cannot be run, 2 wrong usage, 3 something outside failed, 130 interrupted.

Examples
  post check model.post
  post sample model.post -n 20 --set beta=0.2
  post sample model.post --engine exact --json > draws.json
  echo 'p = tabular({"yes": 3, "no": 1}) | contains("y")' | post sample - -n 5
`;
}
