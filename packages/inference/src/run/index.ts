export { openChunks, type RunOptions } from './drive.ts';
export { openFit, type Fit, type TrainingRun } from './fit.ts';
export { takesLaw } from './proposal.ts';
export { engineOptions } from './options.ts';
export { resolvedOptions } from './resolved-options.ts';
export * from './run.ts';
