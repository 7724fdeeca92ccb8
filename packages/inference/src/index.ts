export * from './bind/index.ts';
export * from './chooser/index.ts';
export * from './numeric/index.ts';
export * from './port/index.ts';
export * from './machine/index.ts';
export * from './moments/index.ts';
export * from './engines/exact/index.ts';
