import { PostError, type Diagnostic, type FailureKind } from '@postulate/graph';

/** An error as it travels between threads; other errors than PostError keep their words only. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly diagnostics?: readonly Diagnostic[];
  readonly failure?: FailureKind;
  readonly code?: string;
}

export interface Question {
  readonly id: number;
  readonly index: number;
  readonly input: unknown;
}

/** What a worker is sent: chunks to be done, and that it is to end. */
export type Message = Question | 'end';

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unable'; readonly error: SentError }
  | { readonly kind: 'done'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError };

export function sendError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  const { name, message, stack } = error;
  if (error instanceof PostError) return { name, message, stack, diagnostics: error.diagnostics, failure: error.kind };
  const { code } = error as NodeJS.ErrnoException;
  return { name, message, stack, ...(typeof code === 'string' ? { code } : {}) };
}

export function receiveError(sent: SentError): Error {
  if (sent.diagnostics !== undefined) return new PostError(sent.diagnostics, sent.failure);
  const error = Object.assign(new Error(sent.message), sent.code === undefined ? {} : { code: sent.code });
  error.name = sent.name;
  if (sent.stack !== undefined) error.stack = sent.stack;
  return error;
}

/** Buffers below a value that can be given away rather than copied: those whose typed array is all of them. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): Set<ArrayBuffer> {
  if (typeof value !== 'object' || value === null) return found;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteLength } = value;
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) found.add(buffer);
  } else if (Array.isArray(value)) for (const item of value) buffersOf(item, found);
  else for (const item of Object.values(value)) buffersOf(item, found);
  return found;
}
