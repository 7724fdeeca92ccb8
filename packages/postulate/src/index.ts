/** The programmatic front door: load a `.post` file, choose a posterior, draw from it. */
export { load, type Model } from './api/load.ts';
export type {
  CompareRequest,
  Comparison,
  EngineFitness,
  Journal,
  LoadOptions,
  Posterior,
  Result,
  RunOptions,
  TextDraw,
} from './api/types.ts';
export { PostError, type Diagnostic, type ModelGraph } from '@postulate/graph';
export type { Approximation, Estimate, LogZEstimate, Progress, RunDiagnostics } from '@postulate/inference';
export { VERSION } from './version.ts';
