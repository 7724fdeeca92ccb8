export * from './seeded.ts';
export * from './flip.ts';
export * from './pick.ts';
