import type { TokenMachine } from '@postulate/models';

/** Features that a prefix has at most. */
export const WIDTH = 5;
/** How many of them do not depend on the last token. */
export const COARSE = 2;
/** Stands for a token that nothing is known of. */
export const SOME_TOKEN = -2;

/** All that the features see of a prefix, or of a complete text. */
export interface Place {
  /** Tokens read. */
  readonly t: number;
  /** State of the joint automaton. */
  readonly state: number;
  /** The last token and the one before it; −1 where there is none, `SOME_TOKEN` for one that nothing is known of. */
  readonly token: number;
  readonly before: number;
  /** 1 where the text is complete. */
  readonly ended: number;
}

/** Features of one kind at one spot, by their last token. */
export interface TokenList {
  readonly tokens: number[];
  readonly ids: number[];
}

const NO_TOKENS: TokenList = { tokens: [], ids: [] };

/** How often a feature is met before it comes into being: a single text teaches little of it. */
const LEAST_SEEN = 2;

/**
 * The features of prefixes that were met, each 0 or 1: (state), (position, state), (state, token), (position, state, token)
 * and (state, last two tokens), of prefixes and of complete texts apart; and where `tallies` is set, how often each token
 * occurs. They are numbered as they come into being.
 */
export class Features {
  size = 0;
  /** Stands for the end of sequence. */
  readonly end: number;
  /** Tokens that are tallied, and the numbers of their features. */
  readonly tallied: TokenList = { tokens: [], ids: [] };
  private readonly tallyNumbers = new Map<number, number>();
  /** By kind: the number of each feature, or −n where it has been met n times and has none yet. */
  private readonly numbers = Array.from({ length: WIDTH }, () => new Map<number, number>());
  private readonly lists = Array.from({ length: WIDTH }, () => new Map<number, TokenList>());
  readonly tallies: boolean;
  private readonly states: number;
  private readonly positions: number;
  private readonly tokens: number;
  private readonly groups = new Float64Array(WIDTH);

  constructor(
    { states, vocabularySize }: Pick<TokenMachine, 'states' | 'vocabularySize'>,
    maxTokens: number,
    tallies: boolean,
  ) {
    this.tallies = tallies;
    this.end = vocabularySize;
    this.states = states;
    this.positions = maxTokens + 1;
    this.tokens = vocabularySize + 1;
  }

  /** Writes the numbers of a place's features from `at` on, −1 for those that are not there: their weight is 0. */
  find(place: Place, out: Int32Array, at: number): void {
    const groups = this.groupsOf(place);
    const kinds = place.token === SOME_TOKEN ? COARSE : WIDTH;
    for (let k = 0; k < WIDTH; k++) out[at + k] = k < kinds ? this.numberOf(k, groups[k], place.token) : -1;
  }

  /** Meets a place once more. */
  see(place: Place): void {
    const groups = this.groupsOf(place);
    for (let k = 0; k < WIDTH; k++) {
      const key = this.keyOf(k, groups[k], place.token);
      if (!this.comesToBe(this.numbers[k], key) || k < COARSE) continue;
      let list = this.lists[k].get(groups[k]);
      if (list === undefined) this.lists[k].set(groups[k], (list = { tokens: [], ids: [] }));
      list.tokens.push(place.token);
      list.ids.push(this.size - 1);
    }
  }

  /** Meets a token once more. */
  seeToken(token: number): void {
    if (!this.tallies || !this.comesToBe(this.tallyNumbers, token)) return;
    this.tallied.tokens.push(token);
    this.tallied.ids.push(this.size - 1);
  }

  /** Number of the tally of a token, −1 where there is none. */
  tallyOf(token: number): number {
    const found = this.tallyNumbers.get(token);
    return found !== undefined && found > 0 ? found - 1 : -1;
  }

  /** The features that a prefix ending in each token has besides the coarse ones; `place.token` is not looked at. */
  byToken(place: Place): readonly TokenList[] {
    const groups = this.groupsOf(place);
    return this.lists.slice(COARSE).map((lists, i) => lists.get(groups[COARSE + i]) ?? NO_TOKENS);
  }

  /** Counts a meeting; true where the feature comes into being by it, with the number `size` − 1. */
  private comesToBe(numbers: Map<number, number>, key: number): boolean {
    const known = numbers.get(key) ?? 0;
    if (known > 0) return false;
    const born = known - 1 <= -LEAST_SEEN;
    // Numbers are kept from 1 on, so that 0 is "never met".
    numbers.set(key, born ? ++this.size : known - 1);
    return born;
  }

  private numberOf(kind: number, group: number, token: number): number {
    const found = this.numbers[kind].get(this.keyOf(kind, group, token));
    return found !== undefined && found > 0 ? found - 1 : -1;
  }

  private keyOf(kind: number, group: number, token: number): number {
    return kind < COARSE ? group : group * this.tokens + token + 1;
  }

  /** What a place's features depend on besides its last token; valid until the next call. */
  private groupsOf({ t, state, before, ended }: Place): Float64Array {
    const node = ended * this.states + state;
    const at = node * this.positions + t;
    const { groups } = this;
    groups[0] = groups[2] = node;
    groups[1] = groups[3] = at;
    groups[4] = node * this.tokens + before + 1;
    return groups;
  }
}
