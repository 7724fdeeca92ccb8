import { decode, type LanguageModel, type Vocabulary } from '../port/index.ts';
import type { CausalModel, GrowingRows, Law, Rows } from '../neural/causal-model.ts';
import { segment } from '../priors/prompt.ts';
import { BadRequest } from './bad-request.ts';

/** What a completions server offers. */
export interface Served {
  /** What requests call it. */
  readonly name: string;
  readonly network: CausalModel;
  readonly vocabulary: Vocabulary;
  /** The id that requests and answers use for the end of a text; it may begin a prompt. */
  readonly end: number;
  /** Cuts a text into tokens. */
  encode(text: string): Int32Array;
}

/** The string of tokens, the end of the text left out. */
export function servedText({ vocabulary, end }: Served, tokens: ArrayLike<number>): string {
  return decode(
    vocabulary,
    Int32Array.from(tokens).filter((w) => w !== end),
  );
}

/**
 * Any prior as something to serve: its end of sequence gets the id after the last token, and a prompt begins with it or with nothing.
 * Prompt and completion together have at most `maxTokens` tokens.
 */
export function servedPrior(name: string, model: LanguageModel): Served {
  const { vocabulary } = model;
  const idOf = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  return {
    name,
    network: priorNetwork(model),
    vocabulary,
    end: vocabulary.size,
    encode: (text) =>
      Int32Array.from(segment(text, vocabulary), (token) => {
        const id = idOf.get(token);
        if (id === undefined) throw new BadRequest(`the model has no token ${JSON.stringify(token)}`, 'prompt');
        return id;
      }),
  };
}

function priorNetwork(model: LanguageModel): CausalModel {
  const { size } = model.vocabulary;
  return {
    id: model.id,
    size,
    positions: model.maxTokens,
    abilities: { score: false, next: 'all', fork: true, semantics: 'raw', maxTemperature: Infinity, seeds: 'exact' },
    async open(prefix, law) {
      const tokens = prefix[0] === size ? prefix.subarray(1) : prefix;
      const rows = new PriorRows(model, [], law, 1);
      for (const token of tokens) await rows.step(Int32Array.of(token));
      return { rows, first: rows.law() };
    },
  };
}

/** Sessions cannot be copied: a fork reads again what its ancestors have read. */
class PriorRows implements GrowingRows {
  #session;
  /** Tokens that every row read, one array a step. */
  #history: readonly Int32Array[];

  constructor(
    private readonly model: LanguageModel,
    history: readonly Int32Array[],
    private readonly kind: Law,
    private size: number,
  ) {
    this.#session = model.open(size);
    this.#history = history;
  }

  law(): Rows {
    const logs = this.#afterEnds(this.#session.logProbs);
    return this.kind === 'logProbs' ? logs : logs.map(Math.exp);
  }

  /** After the end of a text there is nothing but its end. */
  #afterEnds(logs: Rows): Rows {
    const { size } = this.model.vocabulary;
    if (!this.#history.some((tokens) => tokens.includes(size))) return logs;
    const out = logs.slice();
    for (let i = 0; i < this.size; i++) {
      if (!this.#history.some((tokens) => tokens[i] === size)) continue;
      out.fill(-Infinity, i * (size + 1), (i + 1) * (size + 1));
      out[i * (size + 1) + size] = 0;
    }
    return out;
  }

  async step(tokens: Int32Array): Promise<Rows> {
    await this.#session.advance(tokens);
    this.#history = [...this.#history, tokens.slice()];
    return this.law();
  }

  async reorder(ancestors: Int32Array): Promise<void> {
    const moved = await this.fork(ancestors);
    this.size = moved.size;
    this.#session = moved.#session;
    this.#history = moved.#history;
  }

  async fork(ancestors: Int32Array): Promise<PriorRows> {
    const history = this.#history.map((tokens) => Int32Array.from(ancestors, (a) => tokens[a]));
    const copy = new PriorRows(this.model, history, this.kind, ancestors.length);
    for (const tokens of history) await copy.#session.advance(tokens);
    return copy;
  }

  dispose(): void {
    this.#history = [];
  }
}
