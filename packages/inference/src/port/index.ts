export type * from './engine.ts';
export type * from './estimate.ts';
export type * from './target.ts';
