export * from './compare.ts';
export type * from './comparison.ts';
