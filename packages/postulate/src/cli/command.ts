import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** One option of a command. Without `value` it is a flag. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** What stands for its value in the help: `NAME`, `k=v`. */
  readonly value?: string;
  readonly repeated?: boolean;
  readonly help: string;
}

export type Operands = 'none' | 'optional' | 'one' | 'many';

/** What the command line knows of a command before its code is loaded. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  readonly operands: Operands;
  /** What the operands are, where they are not `.post` files: what stands for one in the help. */
  readonly operand?: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** Loads the code: start-up pays for the command that runs and for no other. */
  load(): Promise<CommandRun>;
}

export interface CommandContext {
  readonly args: Arguments;
  readonly terminal: Terminal;
}

/** Runs a command and returns its exit code; failures are thrown as `PostError`. */
export type CommandRun = (context: CommandContext) => Promise<number>;

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'json', help: 'print one JSON document on standard output and nothing else there' },
  { name: 'quiet', short: 'q', help: 'no progress, log lines or warnings on standard error' },
  { name: 'help', short: 'h', help: 'show this help' },
];
