export * from './calls.ts';
export * from './estimators.ts';
export * from './restricted.ts';
export * from './extension.ts';
