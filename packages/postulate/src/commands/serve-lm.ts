import { randomUUID } from 'node:crypto';
import { cwd } from 'node:process';
import { seededChooser } from '@postulate/inference';
import { serve, servedSource } from '@postulate/models/neural';
import { type Arguments, usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { numberOf, runtimeOf } from '../cli/settings.ts';

const MODES = ['raw_logprobs', 'processed_logprobs'] as const;

function modeOf(args: Arguments): (typeof MODES)[number] {
  const written = args.value('logprobs-mode') ?? MODES[0];
  const mode = MODES.find((m) => m === written);
  if (mode === undefined) throw usageError(`--logprobs-mode is ${MODES.join(' or ')}, not "${written}".`);
  return mode;
}

function wholeOf(args: Arguments, name: string, otherwise: number, least: number, most: number): number {
  const written = args.value(name);
  if (written === undefined) return otherwise;
  const value = numberOf(written);
  if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return value;
  throw usageError(`--${name} needs a whole number from ${least} to ${most}; found "${written}".`);
}

/** Where others on the network could connect, that is said: the server asks nobody who they are. */
const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** `post serve-lm`: a completions server for a model, until it is interrupted. */
export async function serveLm({ args, terminal }: CommandContext): Promise<number> {
  const [source] = args.operands;
  const host = args.value('host') ?? '127.0.0.1';
  const port = wholeOf(args, 'port', 8000, 0, 65_535);
  const maxLogprobs = wholeOf(args, 'max-logprobs', 20, -1, 1_000_000);
  const logprobsMode = modeOf(args);
  const served = await servedSource(source, cwd(), { ...runtimeOf(args), onProgress: (line) => terminal.log(line) });
  const server = await serve(served, {
    host,
    port,
    logprobsMode,
    maxLogprobs,
    // A request without a seed is to be like no other.
    chooserOf: (seed) => seededChooser(seed ?? randomUUID()),
    log: (line) => terminal.log(line),
  });
  if (!isLoopback(host)) terminal.log(`anyone who can reach ${host} can use this server: it asks for no key`);
  terminal.out(
    terminal.json
      ? `${toJson({ url: server.url, model: served.name })}\n`
      : `${served.name} is served at ${server.url}\n`,
  );
  await interrupted();
  await server.close();
  return EXIT.done;
}

/** Interrupting is how a server ends; a second time ends the process at once. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    listenForInterrupt(() => resolve());
  });
}
