export * from './chunk.ts';
export * from './turns.ts';
