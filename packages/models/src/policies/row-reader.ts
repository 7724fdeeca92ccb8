import type { GuideReading } from '../port/index.ts';

type Rows = Float32Array | Float64Array;

/** A log-probability below this counts as this, nats: what is all but impossible is not to outweigh the rest. */
const FLOOR = -30;

/** What a guide takes from rows of what it guides: w(s) · ℓ, ℓ = max(log b of its tokens, floor). Nats. */
export class RowReader {
  readonly reading: GuideReading;
  /** R, how many log-probabilities are read. */
  readonly size: number;
  private readonly logs: Float64Array;
  private readonly found: Float64Array;

  constructor(reading: GuideReading, states: number) {
    this.reading = reading;
    this.size = reading.tokens.length;
    this.logs = new Float64Array(this.size);
    this.found = new Float64Array(states).fill(NaN);
  }

  /** Reads the row that begins at `at`; what was found of another is forgotten. */
  read(rows: Rows, at: number): void {
    const { tokens } = this.reading;
    for (let k = 0; k < this.size; k++) this.logs[k] = Math.max(rows[at + tokens[k]], FLOOR);
    this.found.fill(NaN);
  }

  /** What the row that was read adds to the value numbered `index`, which is one of state `s`. */
  worth(index: number, s: number): number {
    const { weights, open } = this.reading;
    if (open[index] === 0) return 0;
    if (!Number.isNaN(this.found[s])) return this.found[s];
    let sum = 0;
    for (let k = 0, w = s * this.size; k < this.size; k++, w++) sum += weights[w] * this.logs[k];
    return (this.found[s] = sum);
  }

  /** Writes ℓ of the row that begins at `at`, from `to` on. */
  copyLogs(rows: Rows, at: number, out: Float64Array, to: number): void {
    this.reading.tokens.forEach((v, k) => (out[to + k] = Math.max(rows[at + v], FLOOR)));
  }

  /** Adds to the gradient by a row, which begins at `at`, what goes through ℓ: `by` is that by a value to which the row added its worth. */
  addGradient(rows: Rows, at: number, read: ReadLogs, { index, state }: Value, by: number): void {
    const { tokens, weights, open } = this.reading;
    if (open[index] === 0 || by === 0) return;
    for (let k = 0; k < this.size; k++) {
      if (read.logs[read.at + k] > FLOOR) rows[at + tokens[k]] += by * weights[state * this.size + k];
    }
  }
}

/** ℓ of a row, from `at` on. */
interface ReadLogs {
  readonly logs: Float64Array;
  readonly at: number;
}

/** A value of a guide: its number, and the state that it is of. */
interface Value {
  readonly index: number;
  readonly state: number;
}
