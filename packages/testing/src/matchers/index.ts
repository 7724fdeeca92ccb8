import { toAgreeAcrossEngines } from './agree-across-engines.ts';
import { toNeverProduce } from './never-produce.ts';
import { toSatisfyLaws } from './satisfy-laws.ts';

/** Matchers for `expect.extend(matchers)` of vitest. All are asynchronous: `await expect(posterior).toNeverProduce(/damn/)`. */
export const matchers = { toNeverProduce, toSatisfyLaws, toAgreeAcrossEngines };

export type { AgreementOfEngines } from './agree-across-engines.ts';
export type { NeverProduceOptions } from './never-produce.ts';
export type { Matched, Testable } from './support.ts';
