import { compile } from '@postulate/dsl';
import type { ModelGraph } from '@postulate/graph';
import { createModels } from '@postulate/models';
import { runProperties, type Outcome, type PropertyOptions } from '../../src/index.ts';

/** A small chain with separator, in which curses can happen. */
export const CHAIN =
  'prior = bigram({"^": {"what": 0.5, "a": 0.4, "damn": 0.1}, "what": {"a": 1}, "a": {"damn": 0.2, "lovely": 0.8}, ' +
  '"damn": {"day": 0.9, "$": 0.1}, "lovely": {"day": 1}, "day": {"$": 1}}, max_tokens = 8, separator = " ")\n';

/** Two letters, any order. */
export const LETTERS =
  'prior = bigram({"^": {"a": 0.5, "b": 0.3, "$": 0.2}, "a": {"a": 0.4, "b": 0.4, "$": 0.2}, ' +
  '"b": {"b": 0.3, "a": 0.3, "$": 0.4}}, max_tokens = 5)\n';

/** Longer texts with a score that no automaton has: nothing exact there. */
export const OPAQUE =
  'prior = bigram({"^": {"a": 0.5, "b": 0.3, "$": 0.2}, "a": {"a": 0.4, "b": 0.5, "$": 0.1}, ' +
  '"b": {"b": 0.3, "a": 0.5, "$": 0.2}}, max_tokens = 40, separator = " ")\nvaried = distinct(1)\n';

export function graphOf(source: string): ModelGraph {
  const { graph, diagnostics } = compile(source, 'test.post', {});
  if (graph === undefined) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return graph;
}

/** What became of each property, by name. */
export async function outcomes(source: string, options: PropertyOptions = {}): Promise<ReadonlyMap<string, Outcome>> {
  const models = createModels({ directory: '.', cacheDirectory: null });
  const found = new Map<string, Outcome>();
  for await (const o of runProperties(graphOf(source), models, options)) {
    if ('error' in o) throw o.error;
    found.set(o.property, o);
  }
  return found;
}

/** The outcome of a file's only property. */
export async function outcome(source: string, options: PropertyOptions = {}): Promise<Outcome> {
  return [...(await outcomes(source, options)).values()][0];
}
