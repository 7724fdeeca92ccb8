import { fail, PostError, type NodeOf } from '@postulate/graph';
import type { DataSource } from '../data/data-source.ts';
import type { Scope } from '../port/text-function.ts';
import type { TokenMachine } from '../port/token-machine.ts';
import { ofString, ofTokens, type BoundFunction } from './bound.ts';
import { EVENT_LEAVES, SCORE_LEAVES, type LeafMaker } from './leaves.ts';
import { placed } from './placed.ts';

/** A machine of one state: `perToken` for every token, `end` or `stop` at the end. */
function oneState(vocabularySize: number, perToken: number, end: number, stop: number): TokenMachine {
  return {
    vocabularySize,
    states: 1,
    start: 0,
    classes: 1,
    classOf: new Int32Array(vocabularySize),
    next: new Int32Array(1),
    output: perToken === 0 ? undefined : Float64Array.of(perToken),
    finalEnd: Float64Array.of(end),
    finalStop: Float64Array.of(stop),
  };
}

/**
 * A builtin score bound to a vocabulary; those of trained models are bound by `bindLearned`. Errors: P303 and P307 for bad
 * arguments, and what reading its data throws.
 */
export async function bindFeature(node: NodeOf<'feature'>, scope: Scope, data: DataSource): Promise<BoundFunction> {
  const { vocabulary } = scope;
  if (node.name === 'length') {
    return ofTokens(
      vocabulary,
      (batch, i) => batch.offsets[i + 1] - batch.offsets[i],
      oneState(vocabulary.size, 1, 0, 0),
    );
  }
  const make = SCORE_LEAVES[node.name];
  if (make === undefined) throw fail('P100', `there is no score named \`${node.name}\``, { span: node.span });
  return bindLeaf(make, node, scope, data);
}

/** A builtin event bound to a vocabulary. Errors: P304 for a bad regular expression, else as `bindFeature`. */
export async function bindTest(node: NodeOf<'test'>, scope: Scope, data: DataSource): Promise<BoundFunction> {
  const { vocabulary } = scope;
  if (node.name === 'finished') {
    return ofTokens(vocabulary, (batch, i) => batch.finished[i], oneState(vocabulary.size, 0, 1, 0));
  }
  const make = EVENT_LEAVES[node.name];
  if (make === undefined) throw fail('P100', `there is no event named \`${node.name}\``, { span: node.span });
  return bindLeaf(make, node, scope, data);
}

type LeafNode = NodeOf<'feature'> | NodeOf<'test'>;

async function bindLeaf(make: LeafMaker, node: LeafNode, scope: Scope, data: DataSource): Promise<BoundFunction> {
  try {
    const leaf = await make(node, { data, context: scope.context });
    return ofString(scope.vocabulary, leaf.plain, leaf.automaton);
  } catch (error) {
    throw error instanceof PostError ? placed(error, node.span) : error;
  }
}
