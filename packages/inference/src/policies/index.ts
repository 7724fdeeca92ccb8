export * from './ahead-rows.ts';
export * from './doubts.ts';
export * from './listed.ts';
export * from './look-ahead.ts';
export * from './ratio.ts';
export * from './sequences.ts';
export * from './twisted.ts';
