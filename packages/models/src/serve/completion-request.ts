import { BadRequest } from './bad-request.ts';

/** A request for completions, checked, with every default filled in. Names as in this project. */
export interface CompletionRequest {
  readonly model: string | undefined;
  /** Texts or token ids, at least one. */
  readonly prompts: readonly (string | readonly number[])[];
  /** Completions of each prompt. */
  readonly n: number;
  readonly maxTokens: number;
  /** 0 takes the likeliest token. */
  readonly temperature: number;
  readonly topP: number;
  /** `Infinity` for no limit. */
  readonly topK: number;
  readonly seed: number | undefined;
  readonly stop: readonly string[];
  /** How many of the likeliest tokens to tell at each place of the completion (−1 for all); undefined for none. */
  readonly logprobs: number | undefined;
  /** The same for places of the prompt. */
  readonly promptLogprobs: number | undefined;
  /** The prompt stands in front of the completion. */
  readonly echo: boolean;
  readonly returnTokenIds: boolean;
  /** Tokens are called `token_id:7`: strings of different tokens may be equal. */
  readonly tokensAsIds: boolean;
}

type Body = Readonly<Record<string, unknown>>;

/** Fields that would change the distribution and that are not here, with the value that changes nothing. */
const NEUTRAL: Readonly<Record<string, readonly unknown[]>> = {
  min_p: [0],
  repetition_penalty: [1],
  presence_penalty: [0],
  frequency_penalty: [0],
  min_tokens: [0],
  ignore_eos: [false],
  stream: [false],
  best_of: [1],
  use_beam_search: [false],
  logit_bias: [],
  allowed_token_ids: [],
  bad_words: [],
  stop_token_ids: [],
  structured_outputs: [],
  suffix: [],
  prompt_embeds: [],
};

function absent(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function numberField(body: Body, name: string, otherwise: number, holds: (x: number) => boolean, what: string): number {
  const value = body[name];
  if (absent(value)) return otherwise;
  if (typeof value === 'number' && holds(value)) return value;
  throw new BadRequest(`${name} must be ${what}, but it is ${JSON.stringify(value)}`, name);
}

function flag(body: Body, name: string): boolean {
  const value = body[name];
  if (absent(value)) return false;
  if (typeof value === 'boolean') return value;
  throw new BadRequest(`${name} must be true or false, but it is ${JSON.stringify(value)}`, name);
}

const isId = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0;
const isIds = (x: unknown): x is number[] => Array.isArray(x) && x.length > 0 && x.every(isId);

function promptsOf(prompt: unknown): CompletionRequest['prompts'] {
  if (typeof prompt === 'string') return [prompt];
  if (isIds(prompt)) return [prompt];
  if (Array.isArray(prompt) && prompt.length > 0) {
    if (prompt.every((p) => typeof p === 'string')) return prompt as string[];
    if (prompt.every(isIds)) return prompt as number[][];
  }
  throw new BadRequest('prompt must be a text, token ids, or a list of either, and not empty', 'prompt');
}

function stopsOf(stop: unknown): readonly string[] {
  if (absent(stop)) return [];
  const all: readonly unknown[] = Array.isArray(stop) ? stop : [stop];
  if (all.every((s): s is string => typeof s === 'string' && s !== '')) return all;
  throw new BadRequest('stop must be a text or a list of texts, none empty', 'stop');
}

/** How many of the likeliest tokens are asked for, at most `most` (−1: any number). */
function told(body: Body, name: string, most: number): number | undefined {
  if (absent(body[name]) || body[name] === false) return undefined;
  const value = numberField(body, name, 0, (x) => Number.isInteger(x) && x >= -1, 'a whole number, or -1 for all');
  if (most !== -1 && (value === -1 || value > most)) {
    throw new BadRequest(`${name} is ${value}, but this server tells at most ${most} (--max-logprobs)`, name);
  }
  return value;
}

/** Checks a request's body; errors name the field. */
export function completionRequest(body: unknown, maxLogprobs: number): CompletionRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRequest('the body must be a JSON object');
  }
  const fields = body as Body;
  for (const [name, neutral] of Object.entries(NEUTRAL)) {
    const value = fields[name];
    if (absent(value) || neutral.includes(value)) continue;
    throw new BadRequest(`${name} is not served here: leave it out`, name);
  }
  const whole = (least: number) => (x: number) => Number.isInteger(x) && x >= least;
  const topK = numberField(fields, 'top_k', 0, whole(-1), 'a whole number, 0 or -1 for no limit');
  const { model } = fields;
  if (!absent(model) && typeof model !== 'string') throw new BadRequest('model must be a name', 'model');
  return {
    model: absent(model) ? undefined : (model as string),
    prompts: promptsOf(fields['prompt']),
    n: numberField(fields, 'n', 1, (x) => whole(1)(x) && x <= 16_384, 'a whole number from 1 to 16384'),
    maxTokens: numberField(fields, 'max_tokens', 16, whole(0), 'a whole number of at least 0'),
    temperature: numberField(fields, 'temperature', 1, (x) => x >= 0 && x <= 2, 'a number from 0 to 2'),
    topP: numberField(fields, 'top_p', 1, (x) => x > 0 && x <= 1, 'in (0, 1]'),
    topK: topK <= 0 ? Infinity : topK,
    seed: absent(fields['seed']) ? undefined : numberField(fields, 'seed', 0, Number.isInteger, 'a whole number'),
    stop: stopsOf(fields['stop']),
    logprobs: told(fields, 'logprobs', maxLogprobs),
    promptLogprobs: told(fields, 'prompt_logprobs', maxLogprobs),
    echo: flag(fields, 'echo'),
    returnTokenIds: flag(fields, 'return_token_ids'),
    tokensAsIds: flag(fields, 'return_tokens_as_token_ids'),
  };
}
