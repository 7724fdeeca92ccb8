import { needles, type MatchOptions, type Needles } from './needle.ts';
import { determinise, type NfaEdge } from './subset.ts';
import type { Refusal, TextMachine } from './text-machine.ts';
import { wordGraph } from './word-graph.ts';

export interface OccurrenceOptions extends MatchOptions {
  /** Where a match may lie: anywhere, at the start of the text, or at its end. */
  readonly place: 'anywhere' | 'start' | 'end';
}

/**
 * The event that one of `strings` occurs. With `wholeWord` an occurrence counts only if neither neighbour is a
 * letter, digit, underscore or apostrophe. All strings are looked for at once (Aho & Corasick 1975), as the subset
 * construction over the merged trie. An empty string occurs everywhere; with `wholeWord` none may be empty.
 */
export function occurrenceMachine(strings: readonly string[], options: OccurrenceOptions): TextMachine | Refusal {
  const spelling = needles(strings, options);
  const open = options.place !== 'end' && !options.wholeWord;
  const graph = wordGraph(spelling.spelled, open);
  const nodes = graph.children.length;
  // States beyond the graph's nodes: everything accepted; the last character stands apart; it touches.
  const [sink, apart, touching] = [nodes, nodes + 1, nodes + 2];
  const done = options.place !== 'end';
  const edges: NfaEdge[][] = graph.children.map((below, node) => {
    const list: NfaEdge[] = [];
    for (const [symbol, child] of below) list.push(edge(spelling, symbol, child, open && graph.terminal[child], sink));
    if (done && graph.terminal[node] && options.wholeWord) list.push({ classes: spelling.apart, targets: [sink] });
    return list;
  });
  edges.push([]);
  const scan: NfaEdge[] = [
    { classes: spelling.apart, targets: [apart] },
    { classes: spelling.touching, targets: [touching] },
  ];
  // A match begins wherever the last character stands apart; without whole words every character does.
  edges.push([...edges[graph.root], ...scan], scan);
  const accepting = new Set([sink, ...graph.terminal.flatMap((t, node) => (t ? [node] : []))]);
  return determinise({
    alphabet: spelling.alphabet,
    initial: initialStates(options.place === 'start' ? [graph.root] : [apart], graph.terminal[graph.root], open, sink),
    accepting: options.place === 'end' && graph.terminal[graph.root] ? accepting.add(apart) : accepting,
    sink,
    edges,
  });
}

function edge(spelling: Needles, symbol: number, child: number, accepted: boolean, sink: number): NfaEdge {
  return { classes: spelling.classesOf.get(symbol) ?? [], targets: [accepted ? sink : child] };
}

/** An empty string occurs at once. */
function initialStates(states: number[], hasEmpty: boolean, open: boolean, sink: number): number[] {
  return hasEmpty && open ? [sink] : states;
}
