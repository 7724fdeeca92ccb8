import { fail } from '@postulate/graph';
import type { Dialect } from './dialect.ts';
import { httpClient, type HttpOptions } from './http-client.ts';
import { llamaServer } from './llama-server.ts';
import { probeVllm } from './probe-vllm.ts';
import { Reading, succeeded } from './reading.ts';
import { type OpenTokenizer, vllmVocabulary } from './server-vocabulary.ts';
import { vllmDialect } from './vllm.ts';

export interface ConnectOptions extends HttpOptions {
  readonly openTokenizer?: OpenTokenizer | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

/** What may stand behind an address: `?model=NAME&tokenizer=FOLDER&end=ID`. */
interface Address {
  readonly base: string;
  readonly model: string | undefined;
  readonly tokenizer: string | undefined;
  readonly end: number | undefined;
}

function addressOf(source: string): Address {
  let url: URL;
  try {
    url = new URL(source);
  } catch {
    throw fail('P307', `"${source}" is not the address of a server.`, { help: 'write lm("http://host:8000", …)' });
  }
  const asked = url.searchParams;
  const end = asked.get('end');
  if (end !== null && !/^\d+$/.test(end))
    throw fail('P307', `\`end\` of the address must be a token id, but it is "${end}".`);
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1(\/completions)?$/, '');
  return {
    base: `${url.protocol}//${url.host}${path}`,
    model: asked.get('model') ?? undefined,
    tokenizer: asked.get('tokenizer') ?? undefined,
    end: end === null ? undefined : Number(end),
  };
}

/**
 * Finds out which protocol a server speaks and what it can do. Errors: P530 where it cannot be reached, P531 where it answers what
 * cannot be used, P534 where it does not tell its tokens.
 */
export async function connect(source: string, options: ConnectOptions = {}): Promise<Dialect> {
  const address = addressOf(source);
  const client = httpClient(address.base, options);
  const props = await client.ask('GET', '/props');
  const isLlama =
    props.status === 200 && !new Reading(client.url, props.body).field('default_generation_settings').absent;
  const dialect = isLlama ? await llamaServer(client, { end: address.end }) : await vllm(client, address, options);
  options.onProgress?.(`${client.url}: ${describe(dialect)}`);
  return dialect;
}

async function vllm(
  client: ReturnType<typeof httpClient>,
  address: Address,
  options: ConnectOptions,
): Promise<Dialect> {
  const listed = succeeded(client, '/v1/models', await client.ask('GET', '/v1/models')).field('data');
  const models = listed.items();
  const chosen = models.find((m) => address.model === undefined || m.field('id').string() === address.model);
  if (chosen === undefined) {
    const names = models.map((m) => m.field('id').string()).join(', ');
    throw fail(
      'P533',
      `the server at ${client.url} has no model ${address.model ?? ''}: it has ${names === '' ? 'none' : names}.`,
      {
        kind: 'outside',
      },
    );
  }
  const model = chosen.field('id').string();
  const known = await vllmVocabulary(client, address.tokenizer, options.openTokenizer);
  const end = address.end ?? known.end;
  const { abilities, all } = await probeVllm(
    client,
    model,
    Int32Array.of(end),
    Math.max(known.vocabulary.size, end + 1),
  );
  const longest = chosen.field('max_model_len');
  const root = chosen.field('root');
  return vllmDialect(client, {
    model,
    id: `${client.url} ${model} ${root.absent ? '' : root.string()}`,
    positions: longest.absent ? Infinity : longest.number() - 1,
    vocabulary: known.vocabulary,
    end,
    abilities,
    all,
  });
}

const SEMANTICS: Readonly<Record<Dialect['abilities']['semantics'], string>> = {
  raw: "log-probabilities are the model's own",
  tempered: 'log-probabilities are those at the temperature asked for',
  truncated: 'log-probabilities are those of the law that is drawn from',
  unknown: 'what its log-probabilities are of could not be told',
};

function describe({ kind, abilities: { next, score, semantics } }: Dialect): string {
  const tells = next === 'all' ? 'whole next-token laws' : `the ${next} likeliest tokens`;
  return `${kind}; ${SEMANTICS[semantics]}; tells ${tells}; ${score ? 'scores given texts' : 'scores no given text'}`;
}
