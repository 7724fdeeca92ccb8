import type { TokenMachine } from '@postulate/models';
import type { PreparedTable } from './prepared-table.ts';

/** The contexts that the prior can be in while the machine is in one state. */
export interface Domain {
  /** Parents before children; with each context all of its parents. */
  readonly contexts: Int32Array;
  /** Place of each context in arrays over this domain; undefined where arrays are over all contexts. */
  readonly slot: Int32Array | undefined;
}

/** How arrays of a state's values are indexed: by context itself where `slot` is undefined. */
export function placeOf(slot: Int32Array | undefined, context: number): number {
  return slot === undefined ? context : slot[context];
}

/** Above this share of all contexts a state's arrays are over all of them, which saves a look-up per entry. */
const WIDE = 0.5;

/** The context is reached by several words, or by none. */
const ANY = -2;

/** The word that every move into a context reads; `ANY` where there is not exactly one. */
function enteringWord(p: PreparedTable): Int32Array {
  const { words, targets, start } = p.table;
  const word = new Int32Array(p.contexts).fill(-1);
  for (let k = 0; k < words.length; k++) {
    const to = targets[k];
    if (to < 0 || word[to] === words[k]) continue;
    word[to] = word[to] === -1 ? words[k] : ANY;
  }
  word[start] = ANY;
  return word;
}

/** Classes by which each state is entered: states × classes. */
function enteringClasses(m: TokenMachine): Uint8Array {
  const enters = new Uint8Array(m.states * m.classes);
  for (let s = 0; s < m.states; s++) {
    for (let c = 0; c < m.classes; c++) enters[m.next[s * m.classes + c] * m.classes + c] = 1;
  }
  return enters;
}

function narrow(p: PreparedTable, word: Int32Array, classOf: Int32Array, enters: Uint8Array): Domain | undefined {
  const { order, contexts, table } = p;
  const inside = new Uint8Array(contexts);
  let count = 0;
  // Children come last, so going backwards every context has been asked for by the time its turn comes.
  for (let i = order.length - 1; i >= 0; i--) {
    const h = order[i];
    if (word[h] === ANY || (word[h] >= 0 && enters[classOf[word[h]]] === 1)) inside[h] = 1;
    if (inside[h] === 0) continue;
    count++;
    if (table.parent[h] !== -1) inside[table.parent[h]] = 1;
  }
  if (count > WIDE * contexts) return undefined;
  const list = new Int32Array(count);
  const slot = new Int32Array(contexts).fill(-1);
  let next = 0;
  for (const h of order) {
    if (inside[h] === 0) continue;
    slot[h] = next;
    list[next++] = h;
  }
  return { contexts: list, slot };
}

/**
 * The domain of every state. A state that only a few words lead to goes with the few contexts that end in one of them:
 * following a list of a thousand phrases costs little more than following one word.
 */
export function domainsOf(p: PreparedTable, m: TokenMachine): readonly Domain[] {
  const word = enteringWord(p);
  const enters = enteringClasses(m);
  const wide: Domain = { contexts: p.order, slot: undefined };
  return Array.from({ length: m.states }, (_, s) => {
    if (s === m.start) return wide;
    return narrow(p, word, m.classOf, enters.subarray(s * m.classes, (s + 1) * m.classes)) ?? wide;
  });
}
