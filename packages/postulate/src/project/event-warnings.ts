import {
  eventDecisions,
  leftmostPrior,
  operands,
  type Decision,
  type Diagnostic,
  type ModelGraph,
  type NodeId,
} from '@postulate/graph';
import { writtenFacts } from './written-facts.ts';

/** A check stays quick on a file of thousands of events: those of factors come first. */
const MOST_EVENTS = 50;

interface Judged {
  readonly id: NodeId;
  /** The event is a factor of a posterior, over this prior. */
  readonly prior: NodeId | undefined;
}

/** Events that a reader can see in the file: named ones, and those that a factor of a posterior turns on. */
function eventsToJudge(graph: ModelGraph): readonly Judged[] {
  const found = new Map<NodeId, NodeId | undefined>();
  for (const output of graph.outputs) if (output.type === 'event') found.set(output.node, undefined);
  graph.nodes.forEach((node, at) => {
    if (node.kind !== 'posterior') return;
    for (const id of node.factors) {
      const factor = graph.nodes[id];
      if (factor.kind === 'indicator') found.set(factor.event, leftmostPrior(graph, at));
    }
  });
  return [...found].map(([id, prior]) => ({ id, prior }));
}

/** Those that string tests make: automata are to judge them. */
function forAutomata(graph: ModelGraph, events: readonly Judged[]): readonly Judged[] {
  // Word lists take long to read and to compile, and are hardly ever what makes an event empty: running the file tells.
  const { text, files } = reads(graph);
  const judged = events.filter(({ id }) => text[id] && !files[id]);
  return [...judged]
    .sort((a, b) => Number(a.prior === undefined) - Number(b.prior === undefined))
    .slice(0, MOST_EVENTS);
}

/** What ranges alone say; a factor is empty already where the longest texts of its prior cannot satisfy it. */
function byRanges(graph: ModelGraph): (event: Judged) => 'empty' | 'universal' | undefined {
  const everywhere = eventDecisions(graph);
  const under = new Map<NodeId, (id: NodeId) => Decision>();
  return ({ id, prior }) => {
    const decided = everywhere(id);
    if (decided === true) return 'universal';
    if (decided === false) return 'empty';
    if (prior === undefined) return undefined;
    if (!under.has(prior)) under.set(prior, eventDecisions(graph, writtenFacts(graph, prior)));
    return under.get(prior)?.(id) === false ? 'empty' : undefined;
  };
}

/** Which nodes read, directly or through others, the string of a text and files beside the `.post` file. */
function reads(graph: ModelGraph): { readonly text: Uint8Array; readonly files: Uint8Array } {
  const text = new Uint8Array(graph.nodes.length);
  const files = new Uint8Array(graph.nodes.length);
  graph.nodes.forEach((node, id) => {
    const args = node.kind === 'test' || node.kind === 'feature' ? Object.values(node.args) : [];
    const below = operands(node);
    text[id] = Number((node.kind === 'test' && node.name !== 'finished') || below.some((o) => text[o] === 1));
    files[id] = Number(args.some((a) => a.kind === 'data') || below.some((o) => files[o] === 1));
  });
  return { text, files };
}

function warning(graph: ModelGraph, { id, prior }: Judged, language: 'empty' | 'universal'): Diagnostic {
  const { label, span } = graph.nodes[id];
  const subject = label === undefined ? 'this event' : `the event "${label}"`;
  if (language === 'universal') {
    const help = 'conditioning on it changes nothing';
    return { code: 'P404', severity: 'warning', message: `${subject} holds for every text`, span, help };
  }
  if (prior === undefined) return { code: 'P404', severity: 'warning', message: `${subject} holds for no text`, span };
  const message = `${subject} holds for no text, so the posterior has no mass`;
  return { code: 'P403', severity: 'warning', message, span };
}

/**
 * Warnings P403 and P404 for events that ranges or automata find empty or universal over all texts. Data that cannot be
 * read is no matter here: running the file will say so.
 */
export async function eventWarnings(graph: ModelGraph, directory: string): Promise<readonly Diagnostic[]> {
  const events = eventsToJudge(graph);
  const judge = byRanges(graph);
  const warnings: Diagnostic[] = [];
  const open: Judged[] = [];
  for (const event of events) {
    const language = judge(event);
    // A factor that is written `true` is told of already: the posterior equals its prior (P402).
    if (language === undefined) open.push(event);
    else if (language === 'empty' || graph.nodes[event.id].kind !== 'boolean') {
      warnings.push(warning(graph, event, language));
    }
  }
  const left = forAutomata(graph, open);
  if (left.length === 0) return warnings;
  const { createData, eventLanguage } = await import('@postulate/models');
  const data = createData({ directory });
  for (const event of left) {
    const language = await eventLanguage(graph, event.id, data).catch(() => 'unknown' as const);
    if (language === 'empty' || language === 'universal') warnings.push(warning(graph, event, language));
  }
  return warnings;
}
