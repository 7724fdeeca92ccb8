import { fail, type ModelGraph, nearestName, type Output, posteriorOutputs } from '@postulate/graph';

const quoted = (names: readonly string[]): string => names.map((n) => `"${n}"`).join(', ');

function named(graph: ModelGraph, name: string): Output {
  const distributions = graph.outputs.filter((o) => o.type === 'distribution');
  const found = distributions.find((o) => o.name === name);
  if (found) return found;
  const names = distributions.map((o) => o.name);
  const other = graph.outputs.find((o) => o.name === name);
  const guess = nearestName(name, names);
  const help = names.length === 0 ? 'this file defines no distribution' : `its distributions are ${quoted(names)}`;
  throw fail(
    'P407',
    other
      ? `"${name}" is a ${other.type}, not a distribution`
      : `${graph.source} has no posterior called "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`,
    { span: other?.span, help },
  );
}

/**
 * The distribution to run: the one asked for, else the file's only posterior, else the one called `posterior`.
 * Throws P400 (none), P401 (several) or P407 (no such name).
 */
export function selectPosterior(graph: ModelGraph, name?: string): Output {
  if (name !== undefined) return named(graph, name);
  const candidates = posteriorOutputs(graph);
  if (candidates.length === 1) return candidates[0];
  const chosen = candidates.find((o) => o.name === 'posterior');
  if (chosen) return chosen;
  if (candidates.length > 1) {
    throw fail('P401', `${graph.source} has ${candidates.length} posteriors and none is called "posterior"`, {
      help: `choose one with --posterior: ${quoted(candidates.map((o) => o.name))}`,
    });
  }
  const others = graph.outputs.filter((o) => o.type === 'distribution').map((o) => o.name);
  throw fail('P400', `${graph.source} defines no posterior`, {
    help:
      others.length > 0
        ? `state one, such as posterior = ${others[0]} * exp(…), or run a distribution as it is with --posterior: ${quoted(others)}`
        : 'state one, such as posterior = prior * exp(reward)',
  });
}
