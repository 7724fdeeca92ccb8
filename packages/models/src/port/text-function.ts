import type { NodeOf, Range } from '@postulate/graph';
import type { LanguageModel } from './language-model.ts';
import type { TextBatch } from './sequences.ts';
import type { LinearClassifier } from './steerable.ts';
import type { TokenMachine } from './token-machine.ts';
import type { Vocabulary } from './vocabulary.ts';

/** A builtin score or event, bound to a vocabulary. Events have the values 0 and 1. */
export interface TextFunction {
  /** One value per sequence. */
  values(batch: TextBatch): Float64Array | Promise<Float64Array>;
  /** The same function as a machine, where it is regular or additive; `undefined` where it is not. Built once. */
  machine(): TokenMachine | undefined;
  /** There where it is a linear function of a model's mean hidden state, or the log-probability that such a one gives a label. */
  readonly classifier?: LinearClassifier | undefined;
}

/** What a graph needs of the world, once its files are resolved. */
export interface Scope {
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  /** Value of each context variable. */
  readonly context: Readonly<Record<string, string>>;
}

/** Turns the leaves of a model graph into things that run. `packages/models` implements it; `inference` only uses it. */
export interface Models {
  prior(node: NodeOf<'prior'>, context: Readonly<Record<string, string>>): Promise<LanguageModel>;
  mixture(components: readonly LanguageModel[], weights: readonly number[]): LanguageModel;
  feature(node: NodeOf<'feature'>, scope: Scope): Promise<TextFunction>;
  test(node: NodeOf<'test'>, scope: Scope): Promise<TextFunction>;
  /** `range` is the declared one; values outside it are error P701 naming the text. */
  extern(
    node: NodeOf<'externScore'> | NodeOf<'externEvent'>,
    range: Range | undefined,
    scope: Scope,
  ): Promise<TextFunction>;
  /** Strings of a context's `in` list. */
  strings(argument: import('@postulate/graph').Argument): Promise<readonly string[]>;
}
