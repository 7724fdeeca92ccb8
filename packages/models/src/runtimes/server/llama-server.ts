import type { RuntimeAbilities } from '../../neural/index.ts';
import type { Vocabulary } from '../../port/index.ts';
import type { Shaping } from '../../priors/shaping.ts';
import type { Dialect, ServerDraw } from './dialect.ts';
import type { HttpClient } from './http-client.ts';
import { type Reading, succeeded } from './reading.ts';
import { writeLaw } from './whole-rows.ts';

const PATH = '/completion';

/** Every default that would bend the law, undone (temperature 0.8, top_k 40, top_p 0.95, min_p 0.05 and penalties). */
function samplingFields({ temperature = 1, topK = Infinity, topP = 1 }: Shaping) {
  return {
    temperature,
    top_k: Number.isFinite(topK) ? topK : 0,
    top_p: topP,
    min_p: 0,
    typical_p: 1,
    repeat_penalty: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    dry_multiplier: 0,
    xtc_probability: 0,
    mirostat: 0,
    dynatemp_range: 0,
    // The order in which this project bends a law.
    samplers: ['temperature', 'top_k', 'top_p'],
    ignore_eos: false,
    return_tokens: true,
    stream: false,
    cache_prompt: true,
  };
}

/** Log-probabilities of a place: the model's own, or after the samplers where `post_sampling_probs` was asked for. */
function logOf(told: Reading): number {
  const prob = told.field('prob');
  return prob.absent ? told.field('logprob').logProb() : Math.log(prob.number());
}

const topOf = (place: Reading): readonly Reading[] => {
  const own = place.field('top_logprobs');
  return (own.absent ? place.field('top_probs') : own).items();
};

async function complete(client: HttpClient, body: object): Promise<Reading> {
  return succeeded(client, PATH, await client.ask('POST', PATH, body));
}

/** llama.cpp's own protocol: whole laws at a price, no scores of given texts. */
export async function llamaServer(client: HttpClient, given: { readonly end?: number | undefined }): Promise<Dialect> {
  const props = succeeded(client, '/props', await client.ask('GET', '/props'));
  const models = succeeded(client, '/v1/models', await client.ask('GET', '/v1/models'));
  const size = models.field('data').items()[0].field('meta').field('n_vocab').number();
  const encode = (content: string): Promise<Int32Array> => tokenize(client, content, size);
  const begin = await encode('');
  const vocabulary = await vocabularyOf(client, size);
  const end = given.end ?? (await endOf(client, props, size));
  const abilities: RuntimeAbilities = {
    score: false,
    next: 'all',
    fork: false,
    semantics: 'truncated',
    maxTemperature: Infinity,
    seeds: 'best-effort',
  };
  const slot = props.field('default_generation_settings').field('n_ctx');
  const path = props.field('model_path');
  return {
    kind: 'llama-server',
    id: `${client.url} ${path.absent ? '' : path.string()}`,
    abilities,
    vocabulary,
    end,
    positions: slot.absent ? Infinity : slot.number() - 1,
    encode: async (prompt) => (prompt === '' ? begin : encode(prompt)),
    draw: (prefix, n, maxTokens, shaping, seed) =>
      Promise.all(
        Array.from({ length: n }, async (_, i) => {
          const asked = { prompt: [...prefix], n_predict: maxTokens, n_probs: 1, seed: (seed + i) % 2 ** 31 };
          // After the samplers the last of them has normalised what is left.
          const body = { ...asked, ...samplingFields(shaping), post_sampling_probs: bends(shaping) };
          return drawOf(await complete(client, body), size, end, maxTokens);
        }),
      ),
    async laws(prefixes) {
      const out = new Float64Array(prefixes.length * (size + 1));
      const law = async (prefix: Int32Array, k: number): Promise<void> => {
        const asked = { prompt: [...prefix], n_predict: 1, n_probs: size, post_sampling_probs: false };
        const [place] = (await complete(client, { ...asked, ...samplingFields({}) }))
          .field('completion_probabilities')
          .items();
        const told = topOf(place).map((t) => [t.field('id').token(size), logOf(t)] as const);
        writeLaw(out, k * (size + 1), size, end, told, client.url);
      };
      await Promise.all(prefixes.map(law));
      return out;
    },
    score: () => Promise.reject(new Error('llama-server scores no given text')),
  };
}

const bends = ({ temperature = 1, topK = Infinity, topP = 1 }: Shaping): boolean =>
  temperature !== 1 || topK !== Infinity || topP !== 1;

function drawOf(answer: Reading, size: number, end: number, maxTokens: number): ServerDraw {
  const places = answer.field('completion_probabilities').items();
  const ids = places.map((p) => p.field('id').token(size));
  const finished = ids.at(-1) === end;
  const tokens = Int32Array.from(finished ? ids.slice(0, -1) : ids);
  if (!finished && tokens.length !== maxTokens) {
    throw answer.field('stop_type').wrong(`"limit", since there are ${tokens.length} of ${maxTokens} tokens`);
  }
  return { tokens, finished, logProb: places.reduce((sum, p) => sum + logOf(p), 0) };
}

async function tokenize(client: HttpClient, content: string, size: number): Promise<Int32Array> {
  const body = { content, add_special: true };
  const answer = succeeded(client, '/tokenize', await client.ask('POST', '/tokenize', body));
  return Int32Array.from(answer.field('tokens').items(), (t) => t.token(size));
}

/** The id of the token that `/props` names as the end. */
async function endOf(client: HttpClient, props: Reading, size: number): Promise<number> {
  const content = props.field('eos_token').string();
  const body = { content, add_special: false, parse_special: true };
  const answer = succeeded(client, '/tokenize', await client.ask('POST', '/tokenize', body));
  const tokens = answer.field('tokens').items();
  if (tokens.length !== 1) throw props.field('eos_token').wrong('one token (or say ?end=ID behind the address)');
  return tokens[0].token(size);
}

/** Strings and bytes of all tokens, from one law over all of them. */
async function vocabularyOf(client: HttpClient, size: number): Promise<Vocabulary> {
  const asked = { prompt: ' ', n_predict: 1, n_probs: size, post_sampling_probs: false };
  const [place] = (await complete(client, { ...asked, ...samplingFields({}) }))
    .field('completion_probabilities')
    .items();
  const tokens = new Array<string>(size).fill('');
  const bytes = Array.from({ length: size }, () => new Uint8Array(0));
  for (const told of topOf(place)) {
    const id = told.field('id').token(size);
    tokens[id] = told.field('token').string();
    bytes[id] = Uint8Array.from(told.field('bytes').items(), (b) => b.number());
  }
  return { size, tokens, separator: '', bytes } as Vocabulary;
}
