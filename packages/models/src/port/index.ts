export type * from './backoff-table.ts';
export type * from './chooser.ts';
export type * from './language-model.ts';
export * from './sequences.ts';
export type * from './steerable.ts';
export type * from './text-function.ts';
export type * from './token-machine.ts';
export * from './trainable-policy.ts';
export * from './vocabulary.ts';
