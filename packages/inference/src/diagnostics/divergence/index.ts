export { type DivergenceName } from './generators.ts';
export * from './estimate.ts';
export * from './exact.ts';
export * from './listed-target.ts';
