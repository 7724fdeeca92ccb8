import type { Chooser, LanguageModel, SampledBatch } from '@postulate/models';
import { packDrawn, type Drawn } from '../../continuation/index.ts';
import type { Factor } from '../../port/index.ts';
import { deadPrefixFinder, type DeadPrefix } from './dead-machine.ts';
import { deadTrie, type DeadTrie, type TrieNode } from './dead-trie.ts';
import { plainProposer, type Proposer } from './proposer.ts';
import { drawWord, rowSampler, type RowSampler } from '../../rows/index.ts';

/** Leaving out is slower per text than plain proposals: it has to halve them, and texts of weight zero must abound. */
const LEAST_REMOVED = 0.5;
const LEAST_WASTED = 0.9;

/** Draws the next word at a node of the trie in proportion to what is alive below it. */
function drawAlive(node: TrieNode, rows: RowSampler, chooser: Chooser): number {
  if (!chooser.uniform) {
    const row = rows.logRow(node.context);
    for (const [word, edge] of node.children) row[word] += Math.log(edge.node.alive);
    return chooser.choose(row);
  }
  let left = chooser.uniform() * node.alive;
  let last = -1;
  for (const [word, edge] of node.children) {
    const mass = edge.probability * edge.node.alive;
    if (mass === 0) continue;
    last = word;
    left -= mass;
    if (left < 0) return word;
  }
  if (node.unexplored === 0) return last;
  return rows.draw(node.context, chooser.uniform, (word) => !node.children.has(word));
}

/** Prefixes of less prior mass than this are not worth remembering. */
const LEAST_MASS = 1e-7;

/** Whether a path of words has enough mass; looks no further than where it has not. */
function weighty(path: readonly number[], rows: RowSampler, start: number): boolean {
  let context = start;
  let mass = 1;
  for (const word of path) {
    mass *= rows.probability(context, word);
    if (mass < LEAST_MASS) return false;
    context = rows.target(context, word);
  }
  return true;
}

/** One text of the prior that no removed prefix begins. */
function drawText(trie: DeadTrie, rows: RowSampler, prior: LanguageModel, chooser: Chooser): Drawn {
  const end = prior.vocabulary.size;
  const tokens: number[] = [];
  let node: TrieNode | undefined = trie.root;
  let context = trie.root.context;
  let logProb = 0;
  while (tokens.length < prior.maxTokens) {
    const word: number = node ? drawAlive(node, rows, chooser) : drawWord(rows, context, chooser);
    logProb += Math.log(rows.probability(context, word));
    if (word === end) return { tokens, finished: true, logProb };
    tokens.push(word);
    node = node?.children.get(word)?.node;
    context = rows.target(context, word);
  }
  return { tokens, finished: false, logProb };
}

/** Texts of weight zero, by their rows; they are looked at no sooner than what they teach could be of use. */
interface Rejected {
  readonly batch: SampledBatch;
  readonly rows: number[];
}

function removing(prior: LanguageModel, start: number, rows: RowSampler, dead: DeadPrefix): Proposer {
  const trie = deadTrie(start, rows.probability, rows.target);
  const plain = plainProposer(prior);
  const waiting: Rejected[] = [];
  let proposed = 0;
  let wasted = 0;
  let leavingOut = false;
  const learn = ({ tokens: all, offsets, finished }: SampledBatch, row: number): void => {
    const tokens = all.subarray(offsets[row], offsets[row + 1]);
    const length = dead(tokens);
    const path = [...(length === undefined ? tokens : tokens.subarray(0, length))];
    if (length === undefined && finished[row] === 1) path.push(prior.vocabulary.size);
    if (weighty(path, rows, start)) trie.remove(path);
  };
  /** Decided by what came before alone, so that the trials of a batch share one law; once decided it stays. */
  const worthwhile = (): boolean => {
    if (!leavingOut && (proposed === 0 || wasted < LEAST_WASTED * proposed)) return false;
    for (const { batch, rows: found } of waiting.splice(0)) for (const row of found) learn(batch, row);
    leavingOut ||= trie.root.alive <= 1 - LEAST_REMOVED;
    return leavingOut;
  };
  return {
    sample(count, chooser) {
      const leaveOut = worthwhile();
      proposed += count;
      if (!leaveOut) return plain.sample(count, chooser);
      return packDrawn(Array.from({ length: count }, () => drawText(trie, rows, prior, chooser)));
    },
    logAlive: () => (worthwhile() ? Math.log(trie.root.alive) : 0),
    reject(batch, row) {
      wasted++;
      const last = waiting.at(-1);
      if (last?.batch === batch) last.rows.push(row);
      else waiting.push({ batch, rows: [row] });
    },
  };
}

/**
 * Makes proposers that leave out what is proved to have weight zero: whole texts that were drawn and have none, and all
 * continuations of a prefix from which the automata of the events reach no accepting end. Each of them starts with
 * nothing left out. Undefined for priors that are not finite-state.
 */
export function removingProposers(prior: LanguageModel, factors: readonly Factor[]): (() => Proposer) | undefined {
  const { table } = prior;
  if (table === undefined) return undefined;
  const rows = rowSampler(table);
  const dead = deadPrefixFinder(factors, prior);
  return () => removing(prior, table.start, rows, dead);
}
