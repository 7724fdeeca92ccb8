export type * from './twist.ts';
