import { fail, type PostError } from '@postulate/graph';
import { serverMessage, type HttpAnswer, type HttpClient } from './http-client.ts';

/** Reads JSON of a server field by field; what is not as it should be is P531, with the place. */
export class Reading {
  constructor(
    private readonly url: string,
    readonly value: unknown,
    private readonly path = 'the answer',
  ) {}

  wrong(expected: string): PostError {
    const got = this.value === undefined ? 'nothing' : JSON.stringify(this.value).slice(0, 80);
    return fail(
      'P531',
      `the server at ${this.url} answers what cannot be used: ${this.path} should be ${expected}, but is ${got}.`,
      {
        kind: 'outside',
      },
    );
  }

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  field(name: string): Reading {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.wrong('an object');
    const path = this.path === 'the answer' ? name : `${this.path}.${name}`;
    return new Reading(this.url, (this.value as Readonly<Record<string, unknown>>)[name], path);
  }

  items(length?: number): readonly Reading[] {
    if (!Array.isArray(this.value)) throw this.wrong('a list');
    if (length !== undefined && this.value.length !== length) throw this.wrong(`a list of ${length}`);
    return this.value.map((item, i) => new Reading(this.url, item, `${this.path}[${i}]`));
  }

  entries(): readonly (readonly [string, Reading])[] {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value))
      throw this.wrong('an object');
    return Object.entries(this.value).map(([k, v]) => [k, new Reading(this.url, v, `${this.path}.${k}`)]);
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value)) throw this.wrong('a number');
    return this.value;
  }

  /** A log-probability, nats: at most 0 but for rounding. −9999 is how servers write −∞. */
  logProb(): number {
    const value = this.number();
    if (value > 1e-3)
      throw this.wrong('a log-probability (the server may report logits: --logprobs-mode raw_logprobs)');
    return value <= -9999 ? -Infinity : Math.min(0, value);
  }

  token(size: number): number {
    const value = this.number();
    if (!Number.isInteger(value) || value < 0 || value >= size) throw this.wrong(`a token id below ${size}`);
    return value;
  }

  string(): string {
    if (typeof this.value !== 'string') throw this.wrong('a text');
    return this.value;
  }
}

/** The answer where it is a success; P531 with the server's own words where it refuses. */
export function succeeded(client: HttpClient, path: string, { status, body }: HttpAnswer): Reading {
  if (status >= 200 && status < 300) return new Reading(client.url, body);
  throw fail('P531', `the server at ${client.url} refuses ${path} (status ${status}): ${serverMessage(body)}`, {
    kind: 'outside',
    ...(status === 401 || status === 403 ? { help: 'set POST_API_KEY to the key that the server wants' } : {}),
  });
}
