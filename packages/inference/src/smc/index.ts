export type * from './extension.ts';
