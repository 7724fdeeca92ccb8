export type * from './extension.ts';
export type { Retained } from './conditional.ts';
export * from './lineages.ts';
export * from './lookahead-extension.ts';
export * from './particles.ts';
export * from './prior-extension.ts';
export * from './proposal-extension.ts';
export * from './run-particles.ts';
export * from './twisted-extension.ts';
