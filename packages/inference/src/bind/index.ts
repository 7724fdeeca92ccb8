export * from './bind.ts';
export * from './maybe.ts';
export { lazily, makeFactor } from './functions.ts';
export { machineUpperBound } from './bound.ts';
export { modelMachine } from './model-machine.ts';
export { nearest } from './nearest.ts';
export { asTexts, subBatch } from './sub-batch.ts';
