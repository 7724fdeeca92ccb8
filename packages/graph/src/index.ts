export * from './capability.ts';
export * from './codes.ts';
export * from './diagnostic.ts';
export * from './graph.ts';
export * from './range.ts';
export * from './span.ts';
