import { usageError } from '../cli/arguments.ts';
import type { CommandRun } from '../cli/command.ts';

/** A command that the language page names and this version does not have. */
export function later(name: string, does: string): CommandRun {
  return () => {
    const message = `post ${name} is not in this version: a later one will ${does} with it.`;
    return Promise.reject(usageError(message, 'post --help lists what is here'));
  };
}
