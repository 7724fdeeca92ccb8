import { machineValues, type BoundFunction, type Factor } from '@postulate/inference';
import { tableModel, type LanguageModel, type TokenMachine } from '@postulate/models';
import type { SmallPrior } from '../../src/index.ts';

/** Two letters, "b" sticky, at most four tokens; every context stores its whole row. */
export const TOY: SmallPrior = {
  vocabulary: { size: 2, tokens: ['a', 'b'], separator: '' },
  maxTokens: 4,
  table: {
    vocabularySize: 2,
    contexts: 3,
    start: 0,
    rowStart: Int32Array.of(0, 3, 6, 9),
    words: Int32Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2),
    probs: Float64Array.of(0.5, 0.3, 0.2, 0.3, 0.4, 0.3, 0.2, 0.5, 0.3),
    targets: Int32Array.of(1, 2, -1, 1, 2, -1, 1, 2, -1),
    backoff: new Float64Array(3),
    parent: Int32Array.of(-1, -1, -1),
    norm: undefined,
    interpolated: true,
  },
};

export const toyModel = (prior: SmallPrior = TOY): LanguageModel => tableModel({ id: 'toy', ...prior });

/** A factor that is its machine; `over` replaces what a test wants to break. */
export function machineFactor(machine: TokenMachine, over: Partial<Factor> = {}): Factor {
  return {
    label: 'machine',
    node: undefined,
    capabilities: new Set(['completeScore', 'regular', 'upperBound']),
    logUpperBound: 100,
    logWeights: (batch) => machineValues(machine, batch),
    machine: () => machine,
    ...over,
  };
}

export function machineFunction(machine: TokenMachine, over: Partial<BoundFunction> = {}): BoundFunction {
  return {
    name: 'f',
    kind: 'score',
    range: { lo: -100, hi: 100, loOpen: false, hiOpen: false },
    values: (batch) => machineValues(machine, batch),
    machine: () => machine,
    ...over,
  };
}

/** Counts "b"; as `hard`, forbids "bb". */
export const COUNT_B: TokenMachine = {
  ...{ vocabularySize: 2, states: 1, start: 0, classes: 2 },
  classOf: Int32Array.of(0, 1),
  next: Int32Array.of(0, 0),
  output: Float64Array.of(0, 1),
  finalEnd: new Float64Array(1),
  finalStop: new Float64Array(1),
};
export const NO_BB: TokenMachine = {
  ...{ vocabularySize: 2, states: 3, start: 0, classes: 2 },
  classOf: Int32Array.of(0, 1),
  next: Int32Array.of(0, 1, 0, 2, 2, 2),
  output: undefined,
  finalEnd: Float64Array.of(0, 0, -Infinity),
  finalStop: Float64Array.of(0, 0, -Infinity),
};
