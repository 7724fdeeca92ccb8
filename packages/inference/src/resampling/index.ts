export * from './multinomial.ts';
export * from './optimal.ts';
export * from './resampler.ts';
export * from './residual.ts';
export * from './schemes.ts';
export * from './stratified.ts';
export * from './systematic.ts';
