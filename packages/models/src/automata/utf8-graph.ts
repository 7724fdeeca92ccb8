import { MAX_CODE_POINT } from './char-set.ts';
import type { Alphabet } from './alphabet.ts';

export const CONTINUATIONS = 64;
/** The child of a byte that may not stand there. */
export const ILL_FORMED = -1;

/** What follows the bytes of a character read so far. */
export interface Utf8Node {
  /** True where one more byte completes the character. */
  readonly last: boolean;
  /** By continuation byte 0x80 … 0xBF: the class of the character where `last`, else a node; `ILL_FORMED` where none may follow. */
  readonly children: Int32Array;
}

/** The well-formed UTF-8 of all characters beyond ASCII by their classes, as a graph in which equal branches are one node. */
export interface Utf8Graph {
  readonly nodes: readonly Utf8Node[];
  /** Node after each first byte; `ILL_FORMED` for bytes below 0x80 and those that begin nothing. */
  readonly leads: Int32Array;
}

/** Whether a stretch of 64 code points is beyond ASCII and none of surrogates. */
const isMultibyte = (block: number): boolean => block >= 2 && (block < 0x360 || block > 0x37f);

/** Unicode 15, table 3-7: which bytes may follow which; surrogates and overlong forms are left out. */
export function utf8Graph(alphabet: Alphabet): Utf8Graph {
  const nodes = new NodeTable();
  const blocks = characterBlocks(alphabet, nodes);
  const group = (first: number, valid: (block: number) => boolean): number => {
    const below = Int32Array.from({ length: CONTINUATIONS }, (_, i) =>
      valid(first + i) ? blocks[first + i] : ILL_FORMED,
    );
    return nodes.idOf(false, below);
  };
  const leads = new Int32Array(256).fill(ILL_FORMED);
  for (let i = 2; i < 32; i++) leads[0xc0 + i] = blocks[i];
  for (let i = 0; i < 16; i++) leads[0xe0 + i] = group(i * 64, (b) => b >= 0x20 && isMultibyte(b));
  for (let i = 0; i < 5; i++) {
    const inside = (j: number) => i * 64 + j >= 0x10 && i * 64 + j <= 0x10f;
    const below = (_: unknown, j: number) => (inside(j) ? group((i * 64 + j) * 64, () => true) : ILL_FORMED);
    leads[0xf0 + i] = nodes.idOf(false, Int32Array.from({ length: CONTINUATIONS }, below));
  }
  return { nodes: nodes.nodes, leads };
}

class NodeTable {
  readonly nodes: Utf8Node[] = [];
  readonly #ids = new Map<string, number>();

  idOf(last: boolean, children: Int32Array): number {
    const key = `${last}${children}`;
    let id = this.#ids.get(key);
    if (id === undefined) this.#ids.set(key, (id = this.nodes.push({ last, children }) - 1));
    return id;
  }
}

/** The node of each stretch of 64 code points, all but their last six bits being known. Most stretches are of one class. */
function characterBlocks({ starts, classes }: Alphabet, nodes: NodeTable): Int32Array {
  const blocks = new Int32Array((MAX_CODE_POINT + 1) / CONTINUATIONS);
  const uniform = new Map<number, number>();
  let interval = 0;
  for (let b = 0; b < blocks.length; b++) {
    const first = b * CONTINUATIONS;
    blocks[b] = ILL_FORMED;
    if (!isMultibyte(b)) continue;
    while (interval + 1 < starts.length && starts[interval + 1] <= first) interval++;
    const known = endOf(starts, interval) >= first + CONTINUATIONS ? uniform.get(classes[interval]) : undefined;
    if (known !== undefined) {
      blocks[b] = known;
      continue;
    }
    const children = new Int32Array(CONTINUATIONS);
    for (let i = 0, at = interval; i < CONTINUATIONS; i++) {
      if (endOf(starts, at) <= first + i) at++;
      children[i] = classes[at];
    }
    blocks[b] = nodes.idOf(true, children);
    if (children.every((c) => c === children[0])) uniform.set(children[0], blocks[b]);
  }
  return blocks;
}

function endOf(starts: Int32Array, interval: number): number {
  return interval + 1 < starts.length ? starts[interval + 1] : MAX_CODE_POINT + 1;
}
