export * from './chunk.ts';
export * from './finish.ts';
export * from './plan-runs.ts';
export * from './state.ts';
export * from './step.ts';
export * from './totals.ts';
