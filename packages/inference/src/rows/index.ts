export * from './dense-law.ts';
export * from './remaining-law.ts';
export * from './row-sampler.ts';
export * from './sparse-law.ts';
