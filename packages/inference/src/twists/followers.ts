import type { TokenMachine } from '@postulate/models';
import { gatherBytes, gatherFloats, gatherIntegers } from '../numeric/index.ts';

/** A batch of prefixes followed by one machine. Rows that have ended keep what they had. */
export class Followers {
  /** Tokens read. */
  t = 0;
  state: Int32Array;
  /** Outputs so far; once `maxTokens` are read, what the machine gives to a text that stops there is added. */
  partial: Float64Array;
  /** The last token, −1 before the first. */
  last: Int32Array;
  ended: Uint8Array;
  private readonly machine: TokenMachine;
  private readonly maxTokens: number;

  constructor(machine: TokenMachine, maxTokens: number, size: number) {
    this.machine = machine;
    this.maxTokens = maxTokens;
    this.state = new Int32Array(size).fill(machine.start);
    this.partial = new Float64Array(size);
    this.last = new Int32Array(size).fill(-1);
    this.ended = new Uint8Array(size);
  }

  advance(tokens: Int32Array): void {
    const { classes, classOf, next, output, finalStop, vocabularySize } = this.machine;
    const stops = ++this.t === this.maxTokens;
    for (let i = 0; i < this.state.length; i++) {
      const token = tokens[i];
      if (this.ended[i] === 1 || token < 0 || token >= vocabularySize) {
        this.ended[i] = 1;
        continue;
      }
      const arc = this.state[i] * classes + classOf[token];
      this.state[i] = next[arc];
      this.partial[i] += (output?.[arc] ?? 0) + (stops ? finalStop[next[arc]] : 0);
      this.last[i] = token;
    }
  }

  reorder(ancestors: Int32Array): void {
    this.state = gatherIntegers(this.state, ancestors);
    this.partial = gatherFloats(this.partial, ancestors);
    this.last = gatherIntegers(this.last, ancestors);
    this.ended = gatherBytes(this.ended, ancestors);
  }
}
