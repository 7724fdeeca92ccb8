export * from './systematic.ts';
