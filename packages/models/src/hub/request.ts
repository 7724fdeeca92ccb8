import { fail, type PostError } from '@postulate/graph';
import { PassingFailure } from './retry.ts';
import type { HubSettings } from './settings.ts';

/** What is asked for, for messages. */
export interface Asked {
  readonly repository: string;
  readonly revision: string;
  readonly file?: string;
}

export interface Answer {
  readonly response: Response;
  /** Of every answer on the way: a hub redirects to where the bytes lie, and tells of them before. */
  readonly header: (name: string) => string | undefined;
  /** Called on every piece of the body: without it the request is given up after `patience`. */
  readonly alive: () => void;
  readonly done: () => void;
}

const MOST_REDIRECTS = 5;

/**
 * Asks the hub, following redirects; the token goes to the endpoint's own origin only. Throws `PassingFailure` where another try may do
 * better, P513 where none will. The caller reads the body, and calls `done` at the end.
 */
export async function ask(
  url: string,
  asked: Asked,
  settings: HubSettings,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new PassingFailure(`nothing came for ${settings.patience / 1000} s`));
  let timer = setTimeout(giveUp, settings.patience);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, settings.patience);
  };
  const done = () => clearTimeout(timer);
  try {
    const answers = await follow(url, settings, headers, abort.signal);
    const response = answers[answers.length - 1];
    if (!response.ok && response.status !== 416) throw await refusal(response, asked, settings);
    const header = (name: string) =>
      answers.map((a) => a.headers.get(name)).find((value) => value !== null) ?? undefined;
    return { response, header, alive, done };
  } catch (error) {
    done();
    throw passing(error);
  }
}

async function follow(
  url: string,
  settings: HubSettings,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Response[]> {
  const own = new URL(settings.endpoint).origin;
  const answers: Response[] = [];
  let at = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const sent = new Headers(headers);
    sent.set('user-agent', 'postulate');
    // Ranges and lengths are of the bytes that are sent.
    sent.set('accept-encoding', 'identity');
    if (settings.token !== undefined && new URL(at).origin === own)
      sent.set('authorization', `Bearer ${settings.token}`);
    const response = await fetch(at, { headers: sent, redirect: 'manual', signal });
    answers.push(response);
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return answers;
    await response.body?.cancel();
    at = new URL(location, at).href;
  }
  throw new PassingFailure('it redirects without end');
}

/** Failures of the network pass; what was told by us stays. */
export function passing(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof PassingFailure || 'diagnostics' in error) return error;
  const { cause } = error;
  if (cause instanceof PassingFailure) return cause;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : error.message;
  return new PassingFailure(reason, undefined, { cause: error });
}

async function refusal(response: Response, asked: Asked, settings: HubSettings): Promise<PostError | PassingFailure> {
  const { status } = response;
  await response.body?.cancel();
  if (status === 408 || status === 429 || status >= 500) {
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    return new PassingFailure(`it answers ${status}`, Number.isFinite(seconds) ? seconds * 1000 : undefined);
  }
  const code = response.headers.get('x-error-code') ?? '';
  const { repository, revision, file } = asked;
  const where = `the hub ${settings.endpoint}`;
  if (code === 'GatedRepo' || status === 403 || (status === 401 && code !== 'RepoNotFound'))
    return gated(asked, settings);
  if (code === 'RevisionNotFound')
    return fetchFailure(`${where} has no revision "${revision}" of the model "${repository}".`);
  if (code === 'EntryNotFound' && file !== undefined)
    return fetchFailure(`${where} has no ${file} of the model "${repository}".`);
  if (status === 404 || code === 'RepoNotFound') {
    return fetchFailure(
      `${where} has no model "${repository}"${revision === 'main' ? '' : ` in revision "${revision}"`}.`,
      {
        help: 'check the name; a private model needs HF_TOKEN; a folder that is meant begins with "./".',
      },
    );
  }
  return fetchFailure(`${where} answers ${status} to the request for "${repository}".`);
}

function gated({ repository }: Asked, { endpoint, token }: HubSettings): PostError {
  const why = token === undefined ? 'no HF_TOKEN is set' : 'the HF_TOKEN that is set may not read it';
  return fetchFailure(`the hub ${endpoint} gives the model "${repository}" to some only, and ${why}.`, {
    help: `ask for access at ${endpoint}/${repository} and set HF_TOKEN to a token of that account.`,
  });
}

export function fetchFailure(
  message: string,
  more: { readonly help?: string; readonly cause?: unknown } = {},
): PostError {
  return fail('P513', message, { kind: 'outside', ...more });
}
