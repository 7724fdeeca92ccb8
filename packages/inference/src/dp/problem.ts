import type { LanguageModel } from '@postulate/models';
import type { BoundFunction, Factor } from '../port/index.ts';

/** A target of one stage whose moments, if it had any, have become factors. */
export interface Problem {
  readonly name: string;
  readonly prior: LanguageModel;
  readonly factors: readonly Factor[];
  readonly named: readonly BoundFunction[];
}
