import type { PostError } from '@postulate/graph';
import type { CoverageReport, Outcome, Verdict } from '@postulate/testing';

/** What became of one property or law. */
export type TestStatus = Verdict | 'error';

/** One line of the output: a property, or a built-in law asked of a posterior. */
export interface TestResult {
  readonly name: string;
  readonly kind: 'property' | 'law';
  readonly status: TestStatus;
  readonly reason: string;
  readonly milliseconds: number;
  readonly outcome?: Outcome;
  readonly error?: PostError;
}

export interface FileResult {
  readonly file: string;
  readonly results: readonly TestResult[];
  /** Why the file itself could not be tested. */
  readonly error?: PostError;
  readonly coverage?: CoverageReport;
  readonly milliseconds: number;
  /** Whether the file has properties that `--grep` left out. */
  readonly skipped: number;
}

export interface Counts {
  readonly holds: number;
  readonly fails: number;
  readonly undecided: number;
  readonly error: number;
}

export function countsOf(files: readonly FileResult[]): Counts {
  const all = files.flatMap((f) => [...f.results.map((r) => r.status), ...(f.error ? (['error'] as const) : [])]);
  const count = (status: TestStatus): number => all.filter((s) => s === status).length;
  return { holds: count('holds'), fails: count('fails'), undecided: count('undecided'), error: count('error') };
}
