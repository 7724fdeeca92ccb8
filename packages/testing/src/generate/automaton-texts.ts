import type { Chooser, TokenMachine } from '@postulate/models';
import { machineValue } from '@postulate/inference';
import type { TokenText } from '../arbitraries/texts.ts';

/** Tables of larger machines are left alone. */
const MOST_ENTRIES = 4_000_000;

/** One token of each class, and which tokens a class has. */
export interface Classes {
  readonly members: readonly Int32Array[];
}

function classesOf(m: TokenMachine): Classes {
  const counts = new Int32Array(m.classes);
  for (const c of m.classOf) counts[c]++;
  const members = Array.from(counts, (n) => new Int32Array(n));
  const filled = new Int32Array(m.classes);
  m.classOf.forEach((c, token) => (members[c][filled[c]++] = token));
  return { members };
}

const below = (n: number, chooser: Chooser): number => chooser.choose(new Float64Array(n));

/**
 * Texts of the language of an event's machine: shortest and random members, those at an edge where one more token changes
 * the answer, and near misses one edit away. All by the machine alone, whatever the prior thinks of them.
 */
export class AutomatonTexts {
  private readonly classes: Classes;
  /** Fewest tokens from state s to the end of a member, with t tokens read: `reach[t · states + s]`; −1 for never. */
  private readonly reach: Int32Array;

  constructor(
    private readonly machine: TokenMachine,
    private readonly maxTokens: number,
  ) {
    this.classes = classesOf(machine);
    this.reach = distances(machine, maxTokens, this.classes);
  }

  /** Undefined where the machine is too large to walk. */
  static of(machine: TokenMachine, maxTokens: number): AutomatonTexts | undefined {
    const entries = machine.states * (machine.classes + maxTokens);
    return machine.output === undefined && entries <= MOST_ENTRIES ? new AutomatonTexts(machine, maxTokens) : undefined;
  }

  get empty(): boolean {
    return this.reach[this.machine.start] < 0;
  }

  private token(c: number, chooser: Chooser): number {
    const members = this.classes.members[c];
    return members[below(members.length, chooser)];
  }

  private text(tokens: readonly number[]): TokenText {
    return { tokens, finished: tokens.length < this.maxTokens };
  }

  private holds({ tokens, finished }: TokenText): boolean {
    return machineValue(this.machine, tokens, finished) !== 0;
  }

  /** Classes with tokens that lead from a state to one that still reaches a member in `left` tokens. */
  private ways(state: number, read: number, left: number): readonly number[] {
    const { classes, next, states } = this.machine;
    const found: number[] = [];
    for (let c = 0; c < classes; c++) {
      if (this.classes.members[c].length === 0) continue;
      const d = this.reach[(read + 1) * states + next[state * classes + c]];
      if (d >= 0 && d <= left - 1) found.push(c);
    }
    return found;
  }

  /** A member of about `wanted` tokens, as short as can be by default. */
  member(chooser: Chooser, wanted = 0): TokenText | undefined {
    if (this.empty) return undefined;
    const { machine } = this;
    const tokens: number[] = [];
    for (let state = machine.start; ;) {
      const read = tokens.length;
      const here = this.reach[read * machine.states + state];
      if (here === 0 && (read >= wanted || read === this.maxTokens)) return this.text(tokens);
      const left = Math.max(here, Math.min(wanted, this.maxTokens) - read);
      const ways = this.ways(state, read, Math.max(1, left));
      if (ways.length === 0) return here === 0 ? this.text(tokens) : undefined;
      const token = this.token(ways[below(ways.length, chooser)], chooser);
      tokens.push(token);
      state = machine.next[state * machine.classes + machine.classOf[token]];
    }
  }

  /** A member, or a non-member, and the same with one edit that changes the answer. */
  nearMisses(member: TokenText, chooser: Chooser, tries = 12): readonly TokenText[] {
    const was = this.holds(member);
    const found: TokenText[] = [];
    for (let k = 0; k < tries && found.length < 2; k++) {
      const edited = this.text(this.edit(member.tokens, chooser));
      if (edited.tokens.length <= this.maxTokens && this.holds(edited) !== was) found.push(edited);
    }
    return found;
  }

  private edit(tokens: readonly number[], chooser: Chooser): readonly number[] {
    const at = below(tokens.length + 1, chooser);
    const inhabited = this.classes.members.flatMap((m, c) => (m.length > 0 ? [c] : []));
    const fresh = (): number => this.token(inhabited[below(inhabited.length, chooser)], chooser);
    switch (at < tokens.length ? below(3, chooser) : 2) {
      case 0:
        return [...tokens.slice(0, at), ...tokens.slice(at + 1)];
      case 1:
        return [...tokens.slice(0, at), fresh(), ...tokens.slice(at + 1)];
      default:
        return [...tokens.slice(0, at), fresh(), ...tokens.slice(at)];
    }
  }

  /** Shortest, random of several lengths, full, and next to the edge of each. */
  some(count: number, chooser: Chooser): readonly TokenText[] {
    const found: TokenText[] = [];
    const add = (t: TokenText | undefined): void => {
      if (t === undefined) return;
      found.push(t);
      found.push(...this.nearMisses(t, chooser));
    };
    for (let k = 0; found.length < count && k < count && !this.empty; k++) {
      const wanted = k % 4 === 0 ? 0 : k % 4 === 3 ? this.maxTokens : below(this.maxTokens + 1, chooser);
      add(this.member(chooser, wanted));
    }
    return found;
  }
}

/** By position from the back: how few more tokens reach a member. */
function distances(m: TokenMachine, maxTokens: number, { members }: Classes): Int32Array {
  const { states, classes, next, finalEnd, finalStop } = m;
  const reach = new Int32Array((maxTokens + 1) * states).fill(-1);
  for (let t = maxTokens; t >= 0; t--) {
    for (let s = 0; s < states; s++) {
      if ((t < maxTokens ? finalEnd : finalStop)[s] !== 0) {
        reach[t * states + s] = 0;
        continue;
      }
      if (t === maxTokens) continue;
      let best = -1;
      for (let c = 0; c < classes; c++) {
        if (members[c].length === 0) continue;
        const d = reach[(t + 1) * states + next[s * classes + c]];
        if (d >= 0 && (best < 0 || d + 1 < best)) best = d + 1;
      }
      reach[t * states + s] = best;
    }
  }
  return reach;
}

/** Tokens that a machine tells apart from most others: those of classes that leave the start. */
export function tellingTokens(m: TokenMachine, most: number, chooser: Chooser): readonly number[] {
  const { members } = classesOf(m);
  const { classes, next, start } = m;
  const largest = members.reduce((best, list, c) => (list.length > members[best].length ? c : best), 0);
  const telling = members.flatMap((list, c) => {
    const moves = next[start * classes + c] !== next[start * classes + largest];
    return list.length > 0 && (moves || c !== largest) ? [c] : [];
  });
  if (telling.length === 0) return [];
  return Array.from({ length: most }, () => {
    const list = members[telling[below(telling.length, chooser)]];
    return list[below(list.length, chooser)];
  });
}
