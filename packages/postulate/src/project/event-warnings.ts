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
  // Only string tests need automata: ranges have judged comparisons of numbers. Word lists take long to read and to
  // compile, and are hardly ever what makes an event empty: running the file tells.
  const { text, files } = reads(graph);
  const judged = [...found].map(([id, factor]) => ({ id, factor })).filter(({ id }) => text[id] && !files[id]);
  return judged.sort((a, b) => Number(b.factor) - Number(a.factor)).slice(0, MOST_EVENTS);
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

function warning(graph: ModelGraph, id: NodeId, factor: boolean, language: 'empty' | 'universal'): Diagnostic {
  const { label, span } = graph.nodes[id];
  const subject = label === undefined ? 'this event' : `the event "${label}"`;
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
