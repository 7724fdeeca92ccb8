import type { TokenMachine } from '@postulate/models';

/** The sum of what some machines have put out along each of a batch of prefixes. */
export class PartialScores {
  /** Per row, nats where the machines are of log factors. */
  sums: Float64Array;
  private readonly machines: readonly TokenMachine[];
  /** Per machine, per row. */
  private states: readonly Int32Array[];

  /** `size` rows at the empty prefix. */
  constructor(machines: readonly TokenMachine[], size: number) {
    this.machines = machines.filter((m) => m.output !== undefined);
    this.states = this.machines.map((m) => new Int32Array(size).fill(m.start));
    this.sums = new Float64Array(size);
  }

  /** Extends the prefix of a row by a token that is not the end of sequence. */
  advance(row: number, token: number): void {
    this.machines.forEach((m, k) => {
      const arc = this.states[k][row] * m.classes + m.classOf[token];
      this.sums[row] += m.output![arc];
      this.states[k][row] = m.next[arc];
    });
  }

  /** Row i continues what row `ancestors[i]` was. */
  reorder(ancestors: Int32Array): void {
    this.states = this.states.map((s) => Int32Array.from(ancestors, (a) => s[a]));
    const { sums } = this;
    this.sums = Float64Array.from(ancestors, (a) => sums[a]);
  }
}
