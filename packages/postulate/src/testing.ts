/** For tests of posteriors in TypeScript: `import { matchers, posteriors, texts } from 'postulate/testing'`. */
export {
  batchOf,
  builtInLaws,
  matchers,
  posteriors,
  runProperties,
  texts,
  type Counterexample,
  type LawReport,
  type Outcome,
  type RandomPosterior,
  type TokenText,
} from '@postulate/testing';
