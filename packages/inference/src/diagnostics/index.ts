export * from './divergence/index.ts';
export * from './named.ts';
export * from './psis.ts';
export * from './snis.ts';
export * from './text/index.ts';
export * from './unique.ts';
