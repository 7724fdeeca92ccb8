export * from './viability.ts';
