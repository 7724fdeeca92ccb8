export * from './continuation.ts';
export * from './drawn.ts';
