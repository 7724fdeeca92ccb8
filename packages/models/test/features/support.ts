import type { Argument, Arguments, NodeOf } from '@postulate/graph';
import type { DataSource } from '../../src/data/data-source.ts';
import type { Vocabulary } from '../../src/port/vocabulary.ts';
import { bindFeature, bindTest, type BoundFunction } from '../../src/features/index.ts';

type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

export function argument(value: Plain): Argument {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') return { kind: 'number', value };
  if (typeof value === 'boolean') return { kind: 'boolean', value };
  if (Array.isArray(value)) return { kind: 'list', items: value.map(argument) };
  return { kind: 'record', entries: Object.entries(value).map(([k, v]) => [k, argument(v)] as const) };
}

export function argumentsOf(values: Readonly<Record<string, Plain>>): Arguments {
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [k, argument(v)] as const));
}

const none = () => Promise.resolve([]);
export const noData: DataSource = {
  lines: none,
  wordlist: none,
  corpus: none,
  weights: () => Promise.resolve(new Map()),
};

export function featureNode(name: string, args: Arguments = {}): NodeOf<'feature'> & { readonly type: 'score' } {
  return { kind: 'feature', type: 'score', name, args };
}

export function testNode(name: string, args: Arguments = {}): NodeOf<'test'> & { readonly type: 'event' } {
  return { kind: 'test', type: 'event', name, args };
}

const SCORES = new Set([
  'length',
  'chars',
  'words',
  'count',
  'lexicon',
  'sentiment',
  'distinct',
  'classifier',
  'reward_model',
]);

export function bind(
  vocabulary: Vocabulary,
  name: string,
  args: Arguments = {},
  data: DataSource = noData,
  context: Readonly<Record<string, string>> = {},
): Promise<BoundFunction> {
  const scope = { vocabulary, maxTokens: 20, context };
  return SCORES.has(name)
    ? bindFeature(featureNode(name, args), scope, data)
    : bindTest(testNode(name, args), scope, data);
}
