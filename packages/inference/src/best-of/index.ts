export * from './divergence.ts';
export * from './law.ts';
export * from './mean-best.ts';
