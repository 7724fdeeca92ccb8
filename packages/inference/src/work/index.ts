export * from './chunk.ts';
