/** Texts packed into rows of one length; each text sees only itself. */
export interface PackedRow {
  /** Tokens read, and the tokens that should follow each: [length] each. */
  readonly ids: Int32Array;
  readonly targets: Int32Array;
  /** Place of each token read in its text, the start token being 0. */
  readonly positions: Int32Array;
  /** Which piece each position belongs to; positions of one row that differ do not see each other. */
  readonly piece: Int32Array;
  /** 1 where a target counts, 0 where it is context or nothing. */
  readonly counts: Float32Array;
}

interface Piece {
  readonly tokens: Int32Array;
  /** Position in the text of the first token read; −1 for the token that starts every text. */
  readonly from: number;
  readonly length: number;
  /** The first position of the piece whose target counts. */
  readonly counted: number;
}

/**
 * The pieces of one text: the start token and its tokens are read, its tokens and the end are targets. A text longer than a row goes
 * into several, each but the first with half a row of context whose targets have counted before.
 */
function piecesOf(tokens: Int32Array, length: number): readonly Piece[] {
  const positions = tokens.length + 1;
  if (positions <= length) return [{ tokens, from: -1, length: positions, counted: 0 }];
  const half = length >> 1;
  const pieces: Piece[] = [{ tokens, from: -1, length, counted: 0 }];
  for (let at = half; at + half < positions; at += half) {
    pieces.push({ tokens, from: at - 1, length: Math.min(length, positions - at), counted: half });
  }
  return pieces;
}

/** Rows that are open at once: more of them waste fewer positions. */
const OPEN = 64;

/** Packs texts, in the order they come, first fit over a window of open rows. `end` starts and ends every text. */
export function packTexts(texts: Iterable<Int32Array>, length: number, end: number): readonly PackedRow[] {
  const rows: PackedRow[] = [];
  const open: { readonly pieces: Piece[]; room: number }[] = [];
  const close = (at: number): void => {
    rows.push(rowOf(open[at].pieces, length, end));
    open.splice(at, 1);
  };
  for (const tokens of texts) {
    for (const piece of piecesOf(tokens, length)) {
      let at = open.findIndex(({ room }) => room >= piece.length);
      if (at === -1) {
        if (open.length === OPEN) close(fullest(open));
        at = open.push({ pieces: [], room: length }) - 1;
      }
      open[at].pieces.push(piece);
      open[at].room -= piece.length;
      if (open[at].room === 0) close(at);
    }
  }
  while (open.length > 0) close(0);
  return rows;
}

function fullest(open: readonly { readonly room: number }[]): number {
  return open.reduce((best, { room }, i) => (room < open[best].room ? i : best), 0);
}

function rowOf(pieces: readonly Piece[], length: number, end: number): PackedRow {
  const row = {
    ids: new Int32Array(length),
    targets: new Int32Array(length),
    positions: new Int32Array(length),
    piece: new Int32Array(length).fill(-1),
    counts: new Float32Array(length),
  };
  let at = 0;
  pieces.forEach(({ tokens, from, length: size, counted }, number) => {
    for (let i = 0; i < size; i++, at++) {
      row.ids[at] = from + i < 0 ? end : tokens[from + i];
      row.targets[at] = from + i + 1 < tokens.length ? tokens[from + i + 1] : end;
      row.positions[at] = from + 1 + i;
      row.piece[at] = number;
      row.counts[at] = i >= counted ? 1 : 0;
    }
  });
  return row;
}

/** What is added to the attention scores of packed rows: [rows, 1, 1, length, length], 0 within a piece, far below it elsewhere. */
export function packedMask(rows: readonly PackedRow[], length: number): Float32Array {
  const mask = new Float32Array(rows.length * length * length);
  rows.forEach(({ piece }, r) => {
    for (let i = 0; i < length; i++) {
      const at = (r * length + i) * length;
      for (let j = 0; j <= i; j++) if (piece[i] !== piece[j] || (piece[i] === -1 && i !== j)) mask[at + j] = -1e9;
    }
  });
  return mask;
}
