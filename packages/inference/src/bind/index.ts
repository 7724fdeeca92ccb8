export * from './bind.ts';
export * from './maybe.ts';
export { lazily, makeFactor } from './functions.ts';
export { machineUpperBound } from './bound.ts';
export { modelMachine } from './model-machine.ts';
export { asTexts, subBatch } from './sub-batch.ts';
export { factorsOf, logFactors, type FactorWeights } from './density.ts';
export { targetBound, type TargetBound } from './target-bound.ts';
export { withFittedMoments, type FittedTarget } from './fitted.ts';
