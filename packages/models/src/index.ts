export * from './automata/index.ts';
export { defaultCacheDirectory } from './cache/array-store.ts';
export { createData, createModels, type ModelOptions } from './create-models.ts';
export type { DataSource } from './data/data-source.ts';
export * from './features/index.ts';
export * from './port/index.ts';
export * from './priors/index.ts';
export * from './tokenizer/index.ts';
export * from './weights/index.ts';
