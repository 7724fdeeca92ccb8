import { existsSync } from 'node:fs';
import { extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fail, type PostError } from '@postulate/graph';

/** A function that an extern module exports, before its results are checked. */
export type ExternFunction = (text: string) => unknown;

const EXTENSIONS = ['.js', '.mjs', '.ts'];

/**
 * Loads the export `name` of `module`, a path relative to `directory`. TypeScript goes through jiti, which is loaded only then.
 * Error P505 where the module or the export cannot be had.
 */
export async function loadExtern(directory: string, module: string, name: string): Promise<ExternFunction> {
  const path = isAbsolute(module) ? module : resolve(directory, module);
  const extension = extname(path);
  if (!EXTENSIONS.includes(extension)) {
    throw fail('P505', `the extern module "${module}" must end in .js, .mjs or .ts.`, { kind: 'outside' });
  }
  if (!existsSync(path)) {
    throw fail('P505', `there is no extern module "${module}". Paths are relative to the .post file.`, {
      kind: 'outside',
    });
  }
  const exports = await importModule(path, module, extension);
  const found = exports[name] ?? ofDefault(exports, name);
  if (typeof found !== 'function') throw notAFunction(module, name, exports);
  return found as ExternFunction;
}

/** Node finds few of the names that a CommonJS module exports; all of them are in its default export. */
function ofDefault(exports: Record<string, unknown>, name: string): unknown {
  const whole = exports['default'];
  return typeof whole === 'object' && whole !== null ? (whole as Record<string, unknown>)[name] : undefined;
}

async function importModule(path: string, module: string, extension: string): Promise<Record<string, unknown>> {
  try {
    if (extension !== '.ts') return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    const { createJiti } = await import('jiti');
    return await createJiti(import.meta.url, { fsCache: false }).import<Record<string, unknown>>(path);
  } catch (cause) {
    throw fail('P505', `the extern module "${module}" cannot be loaded: ${messageOf(cause)}.`, {
      kind: 'outside',
      cause,
    });
  }
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function notAFunction(module: string, name: string, exports: Record<string, unknown>): PostError {
  const functions = Object.keys(exports)
    .filter((key) => typeof exports[key] === 'function')
    .sort();
  const available = functions.length === 0 ? 'It exports no functions' : `It exports ${functions.join(', ')}`;
  const problem =
    name in exports ? `exports "${name}" as a ${typeof exports[name]}, not a function` : `has no export "${name}"`;
  return fail('P505', `the extern module "${module}" ${problem}. ${available}.`, { kind: 'outside' });
}

/** P506, for files whose code is not to be run. */
export function refuseExtern(module: string, name: string): PostError {
  return fail('P506', `the file wants to run "${name}" of "${module}", but externs are refused (--no-extern).`, {
    help: 'Leave out --no-extern if you trust the file.',
  });
}
