export type { DataSource } from './data/data-source.ts';
export * from './port/index.ts';
export * from './priors/index.ts';
