import { alphabetOf, classesIn, type Alphabet } from './alphabet.ts';
import { foldClass, foldCodePoint } from './case-folding.ts';
import { charSetOf, codePointsOf, complementSet, intersectSets, setHas } from './char-set.ts';
import type { TextMachine } from './text-machine.ts';
import { lexiconWordSet } from './unicode.ts';

/** Weights as whole multiples of 1 / divisor. */
interface Scaled {
  readonly weights: readonly number[];
  readonly divisor: number;
}

const EXACT = 2 ** 44;

/**
 * Whole numbers that stand for `weights`, so that increments along a word add up exactly: decimal fractions of few
 * places by a power of ten, anything else on a binary grid 2⁻⁴⁸ finer than the largest weight (and no finer than 2⁻¹⁰⁰⁰).
 */
export function scaleWeights(weights: readonly number[]): Scaled {
  const finite = weights.filter(Number.isFinite);
  const largest = finite.reduce((m, w) => Math.max(m, Math.abs(w)), 0);
  for (let divisor = 1; divisor <= 1e12 && largest * divisor < EXACT; divisor *= 10) {
    if (finite.every((w) => Math.round(w * divisor) / divisor === w)) {
      return { weights: weights.map((w) => (Number.isFinite(w) ? Math.round(w * divisor) : w)), divisor };
    }
  }
  const divisor = 2 ** Math.min(1000, 48 - Math.ceil(Math.log2(largest)));
  return { weights: weights.map((w) => (Number.isFinite(w) ? Math.round(w * divisor) : w)), divisor };
}

interface Trie {
  readonly children: Map<number, number>[];
  readonly weight: number[];
}

/** Keys that are not words themselves (`well-being`) can never be met and are left out. */
function trieOf(words: readonly (readonly [spelling: readonly number[], weight: number])[]): Trie {
  const letters = lexiconWordSet();
  const trie: Trie = { children: [new Map()], weight: [0] };
  for (const [word, weight] of words) {
    if (word.length === 0 || !word.every((c) => foldClass(c).some((m) => setHas(letters, m)))) continue;
    let node = 0;
    for (const symbol of word) {
      let child = trie.children[node].get(symbol);
      if (child === undefined) {
        child = trie.children.push(new Map()) - 1;
        trie.weight.push(0);
        trie.children[node].set(symbol, child);
      }
      node = child;
    }
    trie.weight[node] = weight;
  }
  return trie;
}

/**
 * The score `lexicon`: the sum of the weights of the words of a text. A word is a maximal run of Unicode letters and
 * apostrophes, U+2019 read as `'`, simple-case-folded. Its weight is paid by the character after it, or at the end.
 * State 0 is between words, state 1 inside a word that is no prefix of a key, others are prefixes.
 * Keys spell their apostrophes `'`, and no two of them are one word but for case.
 */
export function lexiconMachine(weights: ReadonlyMap<string, number>): TextMachine {
  const scaled = scaleWeights([...weights.values()]);
  const trie = trieOf(
    Array.from(weights.keys(), (key, i) => [codePointsOf(key).map(foldCodePoint), scaled.weights[i]] as const),
  );
  const symbols = new Set(trie.children.flatMap((below) => [...below.keys()]));
  const letters = lexiconWordSet();
  const setOf = (symbol: number) =>
    symbol === 0x27 ? charSetOf([0x27, 0x2019]) : intersectSets(charSetOf(foldClass(symbol)), letters);
  const sets = new Map(Array.from(symbols, (symbol) => [symbol, setOf(symbol)] as const));
  const alphabet = alphabetOf([letters, ...sets.values()]);
  const classes = new Map(Array.from(sets, ([symbol, set]) => [symbol, classesIn(alphabet, set)] as const));
  return fill(trie, alphabet, classes, classesIn(alphabet, complementSet(letters)), scaled.divisor);
}

function fill(
  trie: Trie,
  alphabet: Alphabet,
  classes: ReadonlyMap<number, Int32Array>,
  between: Int32Array,
  divisor: number,
): TextMachine {
  const width = alphabet.size;
  const states = trie.children.length + 1;
  // Node n > 0 of the trie is state n + 1, its root state 0.
  const next = new Int32Array(states * width).fill(1);
  const output = new Float64Array(states * width);
  const final = new Float64Array(states);
  for (let s = 0; s < states; s++) {
    const node = s === 0 ? 0 : s - 1;
    if (s !== 1) {
      for (const [symbol, child] of trie.children[node]) {
        for (const c of classes.get(symbol) ?? []) next[s * width + c] = child + 1;
      }
      final[s] = trie.weight[node];
    }
    for (const c of between) {
      next[s * width + c] = 0;
      output[s * width + c] = final[s];
    }
  }
  return { alphabet, states, start: 0, next, output, final, divisor };
}
