export { logNormalCdf, logSigmoid, normalCdf, normalDensity, normalQuantile, sigmoid } from '@postulate/graph';
export * from './binomial.ts';
export * from './bisect.ts';
export * from './fft.ts';
export * from './floats.ts';
export * from './gather.ts';
export * from './log-space.ts';
export * from './moments.ts';
