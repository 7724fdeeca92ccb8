export * from './continuation.ts';
export * from './drawn.ts';
export * from './row-sampler.ts';
