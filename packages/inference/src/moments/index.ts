export * from './dual.ts';
export * from './fit-sample.ts';
export * from './fit-table.ts';
export * from './fit-target.ts';
export * from './moment-factor.ts';
export * from './reach.ts';
