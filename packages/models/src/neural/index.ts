export type * from './causal-model.ts';
export { checkPositions, neuralModel, NEURAL_ROWS, type NeuralModelParts } from './neural-model.ts';
export { RowShaper } from './row-shaping.ts';
