export * from './seeded.ts';
export * from './flip.ts';
