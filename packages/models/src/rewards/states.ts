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

/** What a decoder's last layer says of texts. A text is read from what it starts with on; its end is not. */
export class TextStates {
  readonly #start: Int32Array;

  constructor(
    private readonly decoder: Decoder,
    private readonly config: HeadConfig,
    start: Int32Array = Int32Array.of(decoder.end),
  ) {
    this.#start = start;
  }

  /** The hidden states of each text (token ids, without start and end), batch × as many as the longest needs. */
  async of(texts: readonly Int32Array[]): Promise<StateBatch> {
    return this.config.head === 'linear' ? this.#pooled(texts) : this.#whole(texts);
  }

  async #pooled(texts: readonly Int32Array[]): Promise<StateBatch> {
    const { config, decoder } = this;
    const rows = rowsOf(texts, decoder.config.positions, this.#start, config.pooling);
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
    const rows = rowsOf(texts, decoder.config.positions, this.#start, config.pooling);
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

/** Start and text, row after row; of a text that is too long the end is kept, since that is where it is judged. */
function rowsOf(texts: readonly Int32Array[], most: number, start: Int32Array, pooling: HeadConfig['pooling']): Rows {
  const room = most - start.length;
  const read = texts.map((text) => {
    const kept = text.length > room ? text.subarray(text.length - room) : text;
    // Something has to be read.
    return start.length + kept.length === 0 ? new Int32Array(1) : Int32Array.from([...start, ...kept]);
  });
  const length = Math.min(most, paddedLength(Math.max(...read.map((text) => text.length))));
  const total = read.length * length;
  const [ids, positions] = [new Int32Array(total), new Int32Array(total)];
  const [pool, unseen] = [new Float32Array(total), new Float32Array(total)];
  read.forEach((text, r) => {
    const at = r * length;
    ids.set(text, at);
    for (let i = 0; i < length; i++) positions[at + i] = i;
    unseen.fill(NEVER, at + text.length, at + length);
    if (pooling === 'last') pool[at + text.length - 1] = 1;
    else pool.fill(1 / text.length, at, at + text.length);
  });
  return { size: read.length, length, ids, positions, pool, unseen };
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
