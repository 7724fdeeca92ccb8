export * from './f-divergence.ts';
export * from './all-dead.ts';
export * from './mcmc/index.ts';
export * from './named.ts';
export * from './psis.ts';
export * from './snis.ts';
export * from './unique.ts';
