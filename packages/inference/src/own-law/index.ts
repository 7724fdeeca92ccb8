export { ownLawResult } from './finish.ts';
export { LEAST_SAMPLES, ownLawState } from './start.ts';
export type { DecodedChunk, OwnLawState, OwnLawWords } from './state.ts';
export { decodeChunk, keepChunk, reportStep } from './step.ts';
