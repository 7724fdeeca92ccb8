export { openChunks, type RunOptions } from './drive.ts';
export { openFit, type Fit, type TrainingRun } from './fit.ts';
export { engineOptions } from './options.ts';
export * from './run.ts';
