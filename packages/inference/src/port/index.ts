export type * from './details.ts';
export type * from './engine.ts';
export type * from './estimate.ts';
export type * from './target.ts';
