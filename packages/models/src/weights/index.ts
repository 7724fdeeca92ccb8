export { openWeights } from './open-weights.ts';
export { openSafetensors } from './read-safetensors.ts';
export type { StoredTensor, StoredType } from './safetensors-header.ts';
export type { Weights } from './weights.ts';
export { encodeSafetensors, writeSafetensors, type SafetensorsOptions, type TensorData } from './write-safetensors.ts';
