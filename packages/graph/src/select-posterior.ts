import { fail } from './diagnostic.ts';
import { posteriorOutputs, type ModelGraph, type Output } from './graph.ts';
import { nearestName } from './suggest.ts';

function distributions(graph: ModelGraph): readonly Output[] {
  return graph.outputs.filter((o) => o.type === 'distribution');
}

function named(graph: ModelGraph, name: string): Output {
  const candidates = distributions(graph);
  const found = candidates.find((o) => o.name === name);
  if (found) return found;
  const names = candidates.map((o) => o.name);
  const other = graph.outputs.find((o) => o.name === name);
  const guess = nearestName(name, names);
  const message = other
    ? `"${name}" is a ${other.type}, not a distribution.`
    : `the file has no posterior "${name}".${guess === undefined ? '' : ` Did you mean ${guess}?`}`;
  throw fail('P407', message, {
    kind: 'usage',
    help: names.length === 0 ? 'the file defines no distribution' : `it has ${names.join(', ')}`,
  });
}

/**
 * The distribution to run: the one asked for, else the file's only posterior, else the one named `posterior`.
 * @throws PostError P400 (there is none), P401 (there are several) or P407 (none of that name).
 */
export function selectPosterior(graph: ModelGraph, name?: string): Output {
  if (name !== undefined) return named(graph, name);
  const posteriors = posteriorOutputs(graph);
  if (posteriors.length === 1) return posteriors[0];
  const byName = posteriors.find((o) => o.name === 'posterior');
  if (byName) return byName;
  if (posteriors.length > 1) {
    throw fail('P401', `the file has ${posteriors.length} posteriors and none is named "posterior".`, {
      kind: 'usage',
      help: `choose one with --posterior: ${posteriors.map((o) => o.name).join(', ')}`,
    });
  }
  const priors = distributions(graph).map((o) => o.name);
  throw fail('P400', 'the file defines no posterior.', {
    help:
      priors.length === 0
        ? 'multiply a prior by a factor: posterior = prior * exp(reward / beta)'
        : `to run a prior as it is, name it: --posterior ${priors[0]}`,
  });
}
