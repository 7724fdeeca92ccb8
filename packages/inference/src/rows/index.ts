export * from './replayed.ts';
export * from './row-sampler.ts';
export * from './token-rows.ts';
