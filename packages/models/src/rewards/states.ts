import { input, program, type Program, times } from '../tensor/index.ts';
import { type Decoder, paddedLength } from '../transformer/decoder.ts';
import { wholeStates } from '../transformer/full.ts';
import { weightInputs } from '../transformer/programs.ts';
import { pooled } from './head-programs.ts';
import type { HeadConfig } from './head-config.ts';

/** Hidden states of texts, as a head takes them. */
export interface StateBatch {
  readonly size: number;
  /** Positions a text; 1 where the states are already those that the head reads. */
  readonly length: number;
  /** size × length × width. */
  readonly states: Float32Array;
  /** size × length: how much each position counts for the state that is read. */
  readonly pool: Float32Array;
  /** size × length: 0 where there is a token, far below it behind the text. */
  readonly unseen: Float32Array;
}

/** What a decoder's last layer says of texts. A text is read from its start token on; its end is not. */
export class TextStates {
  constructor(
    private readonly decoder: Decoder,
    private readonly config: HeadConfig,
  ) {}

  /** The hidden states of each text (token ids, without start and end), batch × as many as the longest needs. */
  async of(texts: readonly Int32Array[]): Promise<StateBatch> {
    return this.config.head === 'linear' ? this.#pooled(texts) : this.#whole(texts);
  }

  async #pooled(texts: readonly Int32Array[]): Promise<StateBatch> {
    const { config, decoder } = this;
    const rows = rowsOf(texts, decoder.config.positions, decoder.end, config.pooling);
    const { size, length } = rows;
    const inputs = { ...this.#inputs(rows), pool: decoder.runtime.tensor(rows.pool, [size, 1, length]) };
    const make = (): Program => statesProgram(decoder, config, length, true);
    const { states } = await decoder.run(`pooled states ${length}`, make, inputs);
    const values = Float32Array.from((await states.data()) as Float32Array);
    for (const tensor of [...Object.values(inputs), states]) tensor.dispose();
    const one = new Float32Array(size).fill(1);
    return { size, length: 1, states: values, pool: one, unseen: new Float32Array(size) };
  }

  async #whole(texts: readonly Int32Array[]): Promise<StateBatch> {
    const { config, decoder } = this;
    const rows = rowsOf(texts, decoder.config.positions, decoder.end, config.pooling);
    const inputs = this.#inputs(rows);
    const make = (): Program => statesProgram(decoder, config, rows.length, false);
    const { states } = await decoder.run(`states ${rows.length}`, make, inputs);
    const values = Float32Array.from((await states.data()) as Float32Array);
    for (const tensor of [...Object.values(inputs), states]) tensor.dispose();
    return { ...rows, states: values };
  }

  #inputs({ ids, positions }: Rows) {
    const { runtime, config } = this.decoder;
    return {
      ids: runtime.tensor(ids, [ids.length]),
      ...(config.family === 'gpt2' && { positions: runtime.tensor(positions, [positions.length]) }),
    };
  }
}

function statesProgram(decoder: Decoder, head: HeadConfig, length: number, read: boolean): Program {
  const { config } = decoder;
  const ids = input('ids', [times('batch', length)], 'int32');
  const states = wholeStates(config, weightInputs(config), ids, { batch: 'batch', length });
  return program({ states: read ? pooled(head, states, length) : states });
}

interface Rows extends Omit<StateBatch, 'states'> {
  readonly ids: Int32Array;
  readonly positions: Int32Array;
}

const NEVER = -1e9;

/** Start token and text, row after row; of a text that is too long the end is kept, since that is where it is judged. */
function rowsOf(texts: readonly Int32Array[], most: number, end: number, pooling: HeadConfig['pooling']): Rows {
  const cut = texts.map((text) => (text.length < most ? text : text.subarray(text.length - most + 1)));
  const length = Math.min(most, paddedLength(1 + Math.max(0, ...cut.map((text) => text.length))));
  const total = cut.length * length;
  const [ids, positions] = [new Int32Array(total), new Int32Array(total)];
  const [pool, unseen] = [new Float32Array(total), new Float32Array(total)];
  cut.forEach((text, r) => {
    const at = r * length;
    ids[at] = end;
    ids.set(text, at + 1);
    for (let i = 0; i < length; i++) positions[at + i] = i;
    unseen.fill(NEVER, at + text.length + 1, at + length);
    if (pooling === 'last') pool[at + text.length] = 1;
    else pool.fill(1 / (text.length + 1), at, at + text.length + 1);
  });
  return { size: cut.length, length, ids, positions, pool, unseen };
}

/** The states of some rows of one batch or of several, brought to one length. */
export function gatherStates(sources: readonly { readonly from: StateBatch; readonly row: number }[]): StateBatch {
  const length = Math.max(...sources.map(({ from }) => from.length));
  const width = sources[0].from.states.length / (sources[0].from.size * sources[0].from.length);
  const size = sources.length;
  const out = {
    size,
    length,
    states: new Float32Array(size * length * width),
    pool: new Float32Array(size * length),
    unseen: new Float32Array(size * length).fill(NEVER),
  };
  sources.forEach(({ from, row }, i) => {
    const at = row * from.length;
    out.states.set(from.states.subarray(at * width, (at + from.length) * width), i * length * width);
    out.pool.set(from.pool.subarray(at, at + from.length), i * length);
    out.unseen.set(from.unseen.subarray(at, at + from.length), i * length);
  });
  return out;
}
