import { fail, type PostError } from '@postulate/graph';
import { CANDIDATES } from '../tensor/choose-runtime.ts';
import type { LmSource } from './source.ts';

/** Short names of the runtimes that run tensor programs. */
const TENSOR: Readonly<Record<string, string>> = { onnx: 'onnxruntime-node', tfjs: 'tensorflow' };

/** What runs a source that is not for our own tensor runtimes. */
const OTHERS = ['llama-cpp', 'transformers-js', 'server'] as const;
export type OtherRuntime = (typeof OTHERS)[number];

/** What `--runtime` may say. */
export const RUNTIME_NAMES: readonly string[] = [
  'auto',
  ...Object.keys(TENSOR),
  ...CANDIDATES.map((c) => c.name),
  ...OTHERS,
];

/** What evaluates a source: one of our tensor runtimes (undefined: the best that loads), or something else. */
export type FittingRuntime =
  { readonly kind: 'tensor'; readonly name: string | undefined } | { readonly kind: OtherRuntime };

const WHAT: Readonly<Record<LmSource['kind'], string>> = {
  folder: 'a model folder',
  gguf: 'a .gguf file',
  server: 'a server',
  hub: 'a model of the hub',
};

/**
 * The runtime for a source; `onnxOnly` where a folder holds an ONNX export and no weights. P533 where the one that was asked for cannot
 * read it, P532 for a name that there is not.
 */
export function fittingRuntime(source: LmSource, asked: string | undefined, onnxOnly = false): FittingRuntime {
  const name = asked === 'auto' ? undefined : asked;
  if (name !== undefined && !RUNTIME_NAMES.includes(name)) {
    throw fail('P532', `there is no runtime called "${name}".`, { help: `there are: ${RUNTIME_NAMES.join(', ')}.` });
  }
  const other = OTHERS.find((o) => o === name);
  const needed = source.kind === 'gguf' ? 'llama-cpp' : source.kind === 'server' ? 'server' : undefined;
  if (needed !== undefined) {
    if (name !== undefined && name !== needed) throw unfit(source, name, needed);
    return { kind: needed };
  }
  if (other === 'llama-cpp' || other === 'server')
    throw unfit(source, other, onnxOnly ? 'transformers-js' : 'onnx or tfjs');
  if (onnxOnly && name !== undefined && other === undefined) throw unfit(source, name, 'transformers-js');
  if (other === 'transformers-js' || onnxOnly) return { kind: 'transformers-js' };
  return { kind: 'tensor', name: name === undefined ? undefined : (TENSOR[name] ?? name) };
}

function unfit(source: LmSource, asked: string, needed: string): PostError {
  return fail('P533', `the runtime ${asked} cannot evaluate ${WHAT[source.kind]}.`, {
    help: `leave --runtime out, or use --runtime ${needed}.`,
  });
}
