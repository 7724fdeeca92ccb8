import { BadRequest } from './bad-request.ts';
import type { CompletionRequest } from './completion-request.ts';
import { type Completion, generate, type GenerateOptions } from './generate.ts';
import { readPrompts } from './read-prompts.ts';
import { type Served, servedText } from './served.ts';
import type { ToldPlace, ToldToken } from './told-tokens.ts';

/** One completion as the protocol has it. */
export interface Choice {
  readonly index: number;
  readonly text: string;
  readonly logprobs: object | null;
  readonly finish_reason: 'stop' | 'length';
  readonly stop_reason: string | null;
  readonly prompt_logprobs: readonly (object | null)[] | null;
  readonly token_ids?: readonly number[];
  readonly prompt_token_ids?: readonly number[];
}

export interface Answer {
  readonly choices: readonly Choice[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

/** Token ids of the request's prompts, checked against the model. */
function tokenised(served: Served, request: CompletionRequest): readonly Int32Array[] {
  const { network, end } = served;
  return request.prompts.map((prompt) => {
    // A text begins with what begins every text; ids are taken as they are.
    const ids = typeof prompt === 'string' ? Int32Array.of(end, ...served.encode(prompt)) : Int32Array.from(prompt);
    const most = Math.max(network.size - 1, end);
    const bad = ids.find((id) => id > most);
    if (bad !== undefined) throw new BadRequest(`the model has no token ${bad}: ids are at most ${most}`, 'prompt');
    const needs = ids.length + Math.max(1, request.maxTokens) - 1;
    if (needs > network.positions) {
      throw new BadRequest(
        `this model's maximum context length is ${network.positions + 1} tokens, but ${ids.length} of the prompt and ` +
          `${request.maxTokens} of the completion were asked for`,
        'max_tokens',
      );
    }
    return ids;
  });
}

/** Answers a request. Throws `BadRequest`, or what `signal` was aborted with. */
export async function complete(served: Served, request: CompletionRequest, options: GenerateOptions): Promise<Answer> {
  if (request.model !== undefined && request.model !== served.name) {
    throw new BadRequest(`the model ${JSON.stringify(request.model)} does not exist`, 'model', 404);
  }
  if (request.temperature === 0 && request.n > 1) throw new BadRequest('n must be 1 at temperature 0', 'n');
  const prompts = tokenised(served, request);
  const told = request.promptLogprobs ?? (request.echo ? request.logprobs : undefined);
  const choices: Choice[] = new Array<Choice>(prompts.length * request.n);
  let drawn = 0;
  for await (const read of readPrompts(served, prompts, told, options.signal)) {
    try {
      const completions = await generate(served, request, read, options);
      completions.forEach((completion, k) => {
        drawn += completion.tokens.length;
        const places = read.places?.[Math.floor(k / request.n)];
        const index = completion.prompt * request.n + (k % request.n);
        choices[index] = choiceOf(served, request, index, prompts[completion.prompt], completion, places);
      });
    } finally {
      read.rows.dispose();
    }
  }
  const asked = prompts.reduce((sum, p) => sum + p.length, 0);
  return { choices, usage: { prompt_tokens: asked, completion_tokens: drawn, total_tokens: asked + drawn } };
}

function choiceOf(
  served: Served,
  request: CompletionRequest,
  index: number,
  prompt: Int32Array,
  completion: Completion,
  promptPlaces: readonly ToldPlace[] | undefined,
): Choice {
  const { echo, logprobs, promptLogprobs, returnTokenIds } = request;
  const text = servedText(served, completion.tokens);
  const cut = completion.stop === null ? text : text.slice(0, text.indexOf(completion.stop));
  const ids = echo ? [...prompt, ...completion.tokens] : completion.tokens;
  const places = echo ? [undefined, ...(promptPlaces ?? []), ...completion.places] : completion.places;
  return {
    index,
    text: echo ? servedText(served, prompt) + cut : cut,
    logprobs: logprobs === undefined ? null : logprobsOf(served, request, ids, places),
    finish_reason: completion.finish,
    stop_reason: completion.stop,
    prompt_logprobs: promptLogprobs === undefined ? null : promptLogprobsOf(served, promptPlaces ?? []),
    ...(returnTokenIds ? { token_ids: completion.tokens, prompt_token_ids: [...prompt] } : {}),
  };
}

function tokenName(served: Served, { tokensAsIds }: CompletionRequest, id: number): string {
  if (tokensAsIds) return `token_id:${id}`;
  return id === served.end ? '' : servedText(served, [id]);
}

/** The chosen token and the likeliest ones, the chosen one named once. */
function withChosen({ chosen, top }: ToldPlace): readonly ToldToken[] {
  return top.some((t) => t.id === chosen.id) ? top : [chosen, ...top];
}

function logprobsOf(
  served: Served,
  request: CompletionRequest,
  ids: readonly number[],
  places: readonly (ToldPlace | undefined)[],
) {
  const name = (id: number): string => tokenName(served, request, id);
  let offset = 0;
  const offsets = ids.map((id) => {
    const at = offset;
    offset += id === served.end ? 0 : servedText(served, [id]).length;
    return at;
  });
  return {
    tokens: ids.map(name),
    token_logprobs: places.map((p) => p?.chosen.logProb ?? null),
    top_logprobs: places.map((p) => p && Object.fromEntries(withChosen(p).map((t) => [name(t.id), t.logProb]))),
    text_offset: offsets,
  };
}

function promptLogprobsOf(served: Served, places: readonly ToldPlace[]): readonly (object | null)[] {
  const told = ({ id, logProb, rank }: ToldToken) =>
    [id, { logprob: logProb, rank, decoded_token: id === served.end ? '' : servedText(served, [id]) }] as const;
  return [null, ...places.map((p) => Object.fromEntries(withChosen(p).map(told)))];
}
