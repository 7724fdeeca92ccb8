import { operands, type Diagnostic, type ModelGraph, type NodeId } from '@postulate/graph';

/** A check stays quick on a file of thousands of events: those of factors come first. */
const MOST_EVENTS = 50;

/** Events that a reader can see in the file: named ones, and those that a factor of a posterior turns on. */
function eventsToJudge(graph: ModelGraph): readonly { readonly id: NodeId; readonly factor: boolean }[] {
  const found = new Map<NodeId, boolean>();
  for (const output of graph.outputs) if (output.type === 'event') found.set(output.node, false);
  for (const node of graph.nodes) {
    if (node.kind !== 'posterior') continue;
    for (const id of node.factors) {
      const factor = graph.nodes[id];
      if (factor.kind === 'indicator') found.set(factor.event, true);
    }
  }
  const judged = [...found].map(([id, factor]) => ({ id, factor })).filter(({ id }) => readsText(graph, id));
  return judged.sort((a, b) => Number(b.factor) - Number(a.factor)).slice(0, MOST_EVENTS);
}

/** Only string tests need automata; comparisons of numbers were judged by their ranges already. */
function readsText(graph: ModelGraph, id: NodeId): boolean {
  const node = graph.nodes[id];
  if (node.kind === 'test') return node.name !== 'finished';
  return node.type === 'event' && operands(node).some((o) => readsText(graph, o));
}

function warning(graph: ModelGraph, id: NodeId, factor: boolean, language: 'empty' | 'universal'): Diagnostic {
  const { label, span } = graph.nodes[id];
  const subject = label === undefined ? 'This event' : `The event "${label}"`;
  if (language === 'universal') {
    return {
      code: 'P404',
      severity: 'warning',
      message: `${subject} holds for every text.`,
      span,
      help: 'conditioning on it changes nothing',
    };
  }
  const message = factor
    ? `${subject} holds for no text, so the posterior has no mass.`
    : `${subject} holds for no text.`;
  return { code: factor ? 'P403' : 'P404', severity: 'warning', message, span };
}

/**
 * Warnings P403 and P404 for events that automata find empty or universal over all texts. Data that cannot be read
 * is no matter here: running the file will say so.
 */
export async function eventWarnings(graph: ModelGraph, directory: string): Promise<readonly Diagnostic[]> {
  const events = eventsToJudge(graph);
  if (events.length === 0) return [];
  const { createData, eventLanguage } = await import('@postulate/models');
  const data = createData({ directory });
  const warnings: Diagnostic[] = [];
  for (const { id, factor } of events) {
    const language = await eventLanguage(graph, id, data).catch(() => 'unknown' as const);
    if (language === 'empty' || language === 'universal') warnings.push(warning(graph, id, factor, language));
  }
  return warnings;
}
