import { contentId } from '../priors/content-id.ts';
import { BadRequest } from './bad-request.ts';
import { complete } from './complete.ts';
import { completionRequest } from './completion-request.ts';
import type { ServeOptions } from './http-server.ts';
import { type Served, servedText } from './served.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** What to say, and what to add to the log line. */
  answer(body: unknown, signal: AbortSignal): Promise<{ readonly body: unknown; readonly note?: string }>;
}

const DEFAULT_LOGPROBS = 20;

/** Longest prompt and completion together, as clients are told it. */
function contextLength({ network }: Served): number | null {
  return Number.isFinite(network.positions) ? network.positions + 1 : null;
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null) return body as Readonly<Record<string, unknown>>;
  throw new BadRequest('the body must be a JSON object');
}

/** What the server answers, by path. `/vocabulary` is not part of vLLM's protocol. */
export function routesOf(served: Served, options: ServeOptions): ReadonlyMap<string, Route> {
  const { logprobsMode = 'raw_logprobs', maxLogprobs = DEFAULT_LOGPROBS, chooserOf } = options;
  let requests = 0;
  const completions: Route['answer'] = async (body, signal) => {
    const request = completionRequest(body, maxLogprobs);
    const chooser = chooserOf(request.seed === undefined ? undefined : String(request.seed));
    const { choices, usage } = await complete(served, request, { logprobsMode, chooser, signal });
    const id = `cmpl-${contentId('request', served.network.id, ++requests).slice(-12)}`;
    const created = Math.floor(Date.now() / 1000);
    const { prompt_tokens, completion_tokens } = usage;
    return {
      body: { id, object: 'text_completion', created, model: served.name, choices, usage },
      note: `${choices.length} x, ${prompt_tokens} + ${completion_tokens} tokens`,
    };
  };
  const get = (make: () => unknown): Route => ({ method: 'GET', answer: () => Promise.resolve({ body: make() }) });
  const post = (answer: Route['answer']): Route => ({ method: 'POST', answer });
  return new Map<string, Route>([
    ['/v1/completions', post(completions)],
    ['/v1/models', get(() => models(served))],
    ['/health', get(() => '')],
    ['/version', get(() => ({ version: 'postulate' }))],
    ['/tokenize', post((body) => Promise.resolve({ body: tokenize(served, body) }))],
    ['/detokenize', post((body) => Promise.resolve({ body: detokenize(served, body) }))],
    ['/vocabulary', get(() => vocabulary(served))],
  ]);
}

function models(served: Served) {
  const { name, network } = served;
  const model = { id: name, object: 'model', created: 0, owned_by: 'postulate', root: network.id, parent: null };
  return { object: 'list', data: [{ ...model, max_model_len: contextLength(served) }] };
}

function tokenize(served: Served, body: unknown) {
  const { prompt, add_special_tokens } = fieldsOf(body);
  if (typeof prompt !== 'string') throw new BadRequest('prompt must be a text', 'prompt');
  const begin = add_special_tokens === false ? [] : [served.end];
  const tokens = [...begin, ...served.encode(prompt)];
  return { count: tokens.length, max_model_len: contextLength(served), tokens };
}

function detokenize(served: Served, body: unknown) {
  const { tokens } = fieldsOf(body);
  const most = Math.max(served.network.size - 1, served.end);
  if (Array.isArray(tokens) && tokens.every((t): t is number => Number.isInteger(t) && t >= 0 && t <= most)) {
    return { prompt: servedText(served, tokens) };
  }
  throw new BadRequest(`tokens must be a list of ids from 0 to ${most}`, 'tokens');
}

/** All tokens by id, so that a client needs no tokenizer of its own. */
function vocabulary({ vocabulary: { tokens, separator, ...more }, end, network }: Served) {
  const { bytes } = more as { readonly bytes?: readonly Uint8Array[] };
  const spelled = bytes?.map((b) => Buffer.from(b).toString('base64'));
  return { id: network.id, tokens, separator, end, ...(spelled === undefined ? {} : { bytes: spelled }) };
}
