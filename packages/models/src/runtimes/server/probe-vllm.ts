import type { RuntimeAbilities } from '../../neural/index.ts';
import type { Shaping } from '../../priors/shaping.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { Reading, succeeded } from './reading.ts';
import { COMPLETIONS, samplingFields } from './vllm.ts';

/** How many of the likeliest tokens servers tell by their usual settings, most first. */
const TOPS = [20, 5, 1] as const;
/** Two log-probabilities of the same place are the same within this, nats: servers work in 16 bits and batch as they like. */
const SAME = 0.02;

/** What was found, and how to ask for all tokens. */
export interface Probed {
  readonly abilities: RuntimeAbilities;
  readonly all: number;
}

/**
 * What a server can do, found out by asking: vLLM says neither whether its log-probabilities are the model's own or those after
 * temperature and truncation (`--logprobs-mode`) nor how many it tells (`--max-logprobs`). `begin` is any prefix, `size` the number of
 * tokens, the end among them.
 */
export async function probeVllm(client: HttpClient, model: string, begin: Int32Array, size: number): Promise<Probed> {
  const ask = (more: object, shaping: Shaping = {}): Promise<HttpAnswer> =>
    client.ask('POST', COMPLETIONS, {
      model,
      prompt: [...begin],
      n: 1,
      max_tokens: 1,
      ...samplingFields(shaping),
      ...more,
    });
  const { next, all } = await mostTold(client, ask, size);
  const top = async (shaping: Shaping): Promise<number | undefined> => {
    const answer = await ask({ logprobs: 1 }, shaping);
    return answer.status === 200 ? likeliest(new Reading(client.url, answer.body)) : undefined;
  };
  const [own, warm, cut] = [await top({}), await top({ temperature: 2 }), await top({ topK: 1 })];
  const abilities: RuntimeAbilities = {
    score: hasPromptScores(await ask({ prompt_logprobs: 0 })),
    next,
    fork: false,
    semantics: semanticsOf(own, warm, cut),
    maxTemperature: 2,
    seeds: 'best-effort',
  };
  return { abilities, all };
}

/** Log-probability of the likeliest token at the first place. */
function likeliest(answer: Reading): number {
  const [choice] = answer.field('choices').items(1);
  const told = choice.field('logprobs').field('top_logprobs').items()[0];
  return told.entries().reduce((most, [, value]) => Math.max(most, value.logProb()), -Infinity);
}

/** The likeliest token's log-probability as it is, at temperature 2, and where it is the only one left. */
function semanticsOf(
  own: number | undefined,
  warm: number | undefined,
  cut: number | undefined,
): RuntimeAbilities['semantics'] {
  if (own === undefined || warm === undefined || cut === undefined || own > -2 * SAME) return 'unknown';
  const tempered = Math.abs(own - warm) > SAME;
  const truncated = cut > -SAME;
  if (truncated) return tempered ? 'truncated' : 'unknown';
  return tempered ? 'tempered' : 'raw';
}

/** All tokens are asked for by number where −1 is not understood. */
async function mostTold(
  client: HttpClient,
  ask: (more: object) => Promise<HttpAnswer>,
  size: number,
): Promise<{ readonly next: 'all' | number; readonly all: number }> {
  for (const logprobs of [-1, size, ...TOPS]) {
    const { status } = await ask({ logprobs });
    if (status === 200) return { next: logprobs === -1 || logprobs >= size ? 'all' : logprobs, all: logprobs };
  }
  // Not even draws are to be had: in the server's own words.
  succeeded(client, COMPLETIONS, await ask({}));
  return { next: 0, all: 0 };
}

function hasPromptScores({ status, body }: HttpAnswer): boolean {
  if (status !== 200) return false;
  const { choices } = body as { choices?: readonly { prompt_logprobs?: unknown }[] };
  return Array.isArray(choices?.[0]?.prompt_logprobs);
}
