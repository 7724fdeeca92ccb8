import { randomInt } from 'node:crypto';
import { fail, PostError } from '@postulate/graph';
import { slots } from './slots.ts';

export interface HttpOptions {
  /** Milliseconds that one try may take, default two minutes. */
  readonly timeout?: number | undefined;
  /** Tries after the first, default 4. */
  readonly retries?: number | undefined;
  /** Milliseconds before the second try, doubled from try to try; default 250. */
  readonly pause?: number | undefined;
  /** Requests under way at a time, default 8. */
  readonly inFlight?: number | undefined;
  /** Sent as a bearer token. */
  readonly apiKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a server said, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface HttpClient {
  readonly url: string;
  /**
   * Asks, and asks again where the server is busy (429), fails (5xx) or cannot be reached. Other statuses are the caller's to judge.
   * Errors: P530 where no try came through, P531 where a success is not JSON, P902 where the signal ended it.
   */
  ask(method: 'GET' | 'POST', path: string, body?: unknown, tries?: number): Promise<HttpAnswer>;
}

const LONGEST_PAUSE = 8_000;
const SNIPPET = 120;

/** Trouble of one try; `again` where another may help. */
interface Trouble {
  readonly reason: string;
  readonly again: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly wait?: number;
  readonly cause?: unknown;
}

/** Connections are kept and shared by `fetch` itself. */
export function httpClient(url: string, options: HttpOptions = {}): HttpClient {
  const { retries = 4, pause = 250, inFlight = 8, signal } = options;
  const slot = slots(inFlight);
  const base = url.replace(/\/+$/, '');
  return {
    url: base,
    ask: (method, path, body, tries = retries + 1) =>
      slot(async () => {
        for (let k = 1; ; k++) {
          if (signal?.aborted) throw interrupted(base);
          const answer = await once(base + path, method, body, options);
          if ('status' in answer) return answer;
          if (signal?.aborted) throw interrupted(base);
          if (!answer.again || k >= tries) throw gaveUp(base + path, answer, k);
          await waited(answer.wait ?? backoff(pause, k), signal);
        }
      }),
  };
}

/** Half of a doubling pause, and a random part of the other half, so that clients do not come back all at once. Touches no draw. */
function backoff(pause: number, k: number): number {
  const longest = Math.min(LONGEST_PAUSE, pause * 2 ** (k - 1));
  return longest / 2 + randomInt(Math.max(1, Math.ceil(longest / 2)));
}

async function once(url: string, method: string, body: unknown, o: HttpOptions): Promise<HttpAnswer | Trouble> {
  const { timeout = 120_000, apiKey, signal } = o;
  const limit = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    return judge(response, await response.text());
  } catch (cause) {
    if (cause instanceof PostError) throw cause;
    if (limit.aborted) return { reason: `no answer within ${timeout / 1000} s`, again: true, cause };
    return { reason: reasonOf(cause), again: true, cause };
  }
}

function judge(response: Response, text: string): HttpAnswer | Trouble {
  const { status } = response;
  const body = parsed(text);
  if (status === 429 || status === 408 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    const wait = seconds >= 0 ? { wait: Math.min(LONGEST_PAUSE, seconds * 1000) } : {};
    return { reason: `status ${status}: ${serverMessage(body ?? text)}`, again: true, ...wait };
  }
  if (body === undefined && status < 400) {
    throw fail('P531', `the server at ${response.url} answered with what is not JSON: ${snippet(text)}`, OUTSIDE);
  }
  return { status, body: body ?? text };
}

const OUTSIDE = { kind: 'outside' } as const;

/** JSON of a body, null for an empty one; undefined where it is something else. */
function parsed(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function snippet(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > SNIPPET ? `${line.slice(0, SNIPPET)}…` : line);
}

/** What a server says of an error, in whichever of the usual forms. */
export function serverMessage(body: unknown): string {
  if (typeof body === 'string') return snippet(body);
  const { error, message, detail } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const inner = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)['message'] : error;
  const said = [inner, message, detail].find((x) => typeof x === 'string');
  return said === undefined ? snippet(JSON.stringify(body)) : String(said);
}

/** `fetch failed` says nothing: its cause does. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
  if (cause?.code === 'ECONNREFUSED') return 'nothing listens there';
  if (cause?.code === 'ENOTFOUND') return 'there is no such host';
  const message = cause?.message ?? (error instanceof Error ? error.message : String(error));
  return message === '' ? 'the connection failed' : message;
}

function gaveUp(url: string, { reason, cause }: Trouble, tries: number): PostError {
  return fail('P530', `the server at ${url} fails: ${reason} (${tries === 1 ? 'one try' : `${tries} tries`}).`, {
    ...OUTSIDE,
    cause,
    help: 'see that it runs and can be reached; with --out what was drawn is kept, and --resume goes on from there',
  });
}

function interrupted(url: string): PostError {
  return fail('P902', `interrupted while waiting for the server at ${url}`, OUTSIDE);
}

function waited(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
