export * from './lookahead.ts';
export * from './none.ts';
export * from './options.ts';
export * from './prefix.ts';
export * from './surrogate-table.ts';
export * from './twist-for.ts';
export type * from './twist.ts';
