export * from './row-sampler.ts';
