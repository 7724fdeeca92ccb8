export * from './collisions.ts';
export * from './distinct.ts';
export * from './entropy.ts';
export * from './repetition.ts';
export * from './self-bleu.ts';
