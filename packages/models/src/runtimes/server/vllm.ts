import { fail } from '@postulate/graph';
import type { RuntimeAbilities } from '../../neural/index.ts';
import type { Vocabulary } from '../../port/index.ts';
import type { Shaping } from '../../priors/shaping.ts';
import type { Dialect, ServerDraw } from './dialect.ts';
import type { HttpClient } from './http-client.ts';
import { type Reading, succeeded } from './reading.ts';
import { writeLaw } from './whole-rows.ts';

export const COMPLETIONS = '/v1/completions';

/** What a server's own defaults would put in place of what is not said: so everything is said, always. */
export function samplingFields({ temperature = 1, topK = Infinity, topP = 1 }: Shaping) {
  return {
    temperature,
    top_p: topP,
    top_k: Number.isFinite(topK) ? topK : 0,
    min_p: 0,
    repetition_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    ignore_eos: false,
    skip_special_tokens: false,
    add_special_tokens: false,
    return_token_ids: true,
    return_tokens_as_token_ids: true,
    stream: false,
  };
}

/** What is known of a vLLM-like server before it is asked for texts. */
export interface VllmFacts {
  readonly model: string;
  readonly id: string;
  readonly positions: number;
  readonly vocabulary: Vocabulary;
  readonly end: number;
  readonly abilities: RuntimeAbilities;
  /** The number of likeliest tokens to ask for where all are wanted. */
  readonly all: number;
}

/** Ids that may occur: the tokens, and the end where it is not one of them. */
const idLimit = ({ vocabulary, end }: Pick<VllmFacts, 'vocabulary' | 'end'>) => Math.max(vocabulary.size, end + 1);

/** Sends a completions request and gives its choices in order. */
export async function choices(client: HttpClient, body: object, count: number): Promise<readonly Reading[]> {
  const answer = succeeded(client, COMPLETIONS, await client.ask('POST', COMPLETIONS, body));
  const found = [...answer.field('choices').items(count)];
  return found.sort((a, b) => a.field('index').number() - b.field('index').number());
}

/** `token_id:7` → 7. */
export function tokenId(name: string): number {
  return /^token_id:\d+$/.test(name) ? Number(name.slice(9)) : NaN;
}

export function vllmDialect(client: HttpClient, facts: VllmFacts): Dialect {
  const { model, vocabulary, end } = facts;
  const limit = idLimit(facts);
  return {
    kind: 'vLLM',
    id: facts.id,
    abilities: facts.abilities,
    vocabulary,
    end,
    positions: facts.positions,
    async encode(prompt) {
      const body = { model, prompt, add_special_tokens: true };
      const answer = succeeded(client, '/tokenize', await client.ask('POST', '/tokenize', body));
      return Int32Array.from(answer.field('tokens').items(), (t) => t.token(limit));
    },
    async draw(prefix, n, maxTokens, shaping, seed) {
      const asked = { model, prompt: [...prefix], n, max_tokens: maxTokens, seed, logprobs: 1 };
      const found = await choices(client, { ...asked, ...samplingFields(shaping) }, n);
      return found.map((choice) => drawOf(client, choice, facts, maxTokens));
    },
    async laws(prefixes) {
      const asked = { model, prompt: prefixes.map((p) => [...p]), n: 1, max_tokens: 1, logprobs: facts.all };
      const found = await choices(client, { ...asked, ...samplingFields({}) }, prefixes.length);
      const out = new Float64Array(prefixes.length * (vocabulary.size + 1));
      found.forEach((choice, k) => {
        const top = choice.field('logprobs').field('top_logprobs').items()[0];
        if (top === undefined) throw choice.wrong('a choice with log-probabilities');
        const told = top.entries().map(([name, value]) => [tokenId(name), value.logProb()] as const);
        writeLaw(out, k * (vocabulary.size + 1), vocabulary.size, end, told, client.url);
      });
      return out;
    },
    score: (sequences, from) => scoreAll(client, facts, sequences, from),
  };
}

function drawOf(client: HttpClient, choice: Reading, facts: VllmFacts, maxTokens: number): ServerDraw {
  const ids = choice
    .field('token_ids')
    .items()
    .map((t) => t.token(idLimit(facts)));
  const logs = choice
    .field('logprobs')
    .field('token_logprobs')
    .items(ids.length)
    .map((x) => x.logProb());
  const reason = choice.field('finish_reason').string();
  const finished = ids.at(-1) === facts.end;
  if (reason === 'stop' && !finished) throw otherEnd(client, ids.at(-1), facts);
  const tokens = Int32Array.from(finished ? ids.slice(0, -1) : ids);
  if (!finished && tokens.length !== maxTokens) {
    throw choice.field('finish_reason').wrong(`"stop", since there are ${tokens.length} of ${maxTokens} tokens`);
  }
  return { tokens, finished, logProb: logs.reduce((a, b) => a + b, 0) };
}

function otherEnd(client: HttpClient, id: number | undefined, { vocabulary, end }: VllmFacts): Error {
  const name = (w: number | undefined) => `${w} (${JSON.stringify(vocabulary.tokens[w ?? -1] ?? '')})`;
  return fail('P531', `the server at ${client.url} ended a text at token ${name(id)}, but texts end at ${name(end)}.`, {
    kind: 'outside',
    help: 'say which token ends a text: ?end=ID behind the address; start vLLM with --generation-config vllm',
  });
}

/** The completion's one token is thrown away. */
async function scoreAll(
  client: HttpClient,
  { model }: VllmFacts,
  sequences: readonly Int32Array[],
  from: number,
): Promise<readonly number[]> {
  if (sequences.length === 0) return [];
  const asked = { model, prompt: sequences.map((ids) => [...ids]), n: 1, max_tokens: 1, prompt_logprobs: 0 };
  const found = await choices(client, { ...asked, ...samplingFields({}) }, sequences.length);
  return found.map((choice, k) => {
    const ids = sequences[k];
    const places = choice.field('prompt_logprobs').items(ids.length);
    let sum = 0;
    for (let t = from; t < ids.length; t++) sum += places[t].field(String(ids[t])).field('logprob').logProb();
    return sum;
  });
}
