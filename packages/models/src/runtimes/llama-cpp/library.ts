import type * as Library from 'node-llama-cpp';
import { optionalPackage } from '../optional.ts';

export type LlamaLibrary = typeof Library;

/** The optional package `node-llama-cpp`; P532 where it is missing. */
export function llamaLibrary(): Promise<LlamaLibrary> {
  return optionalPackage('node-llama-cpp', '.gguf files', () => import('node-llama-cpp'));
}

let opened: Promise<Library.Llama> | undefined;

/** llama.cpp itself, opened once. Nothing is built or fetched: where no binary fits this machine, that is told. */
export function llama(library: LlamaLibrary): Promise<Library.Llama> {
  opened ??= library.getLlama({
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: library.LlamaLogLevel.error,
    // Each context states its own threads; llama.cpp's default is several times slower on small models.
    maxThreads: 0,
  });
  opened.catch(() => (opened = undefined));
  return opened;
}
