import type { Comparison, Details, Estimate, LogZEstimate, RunDiagnostics } from '@postulate/inference';

/** Draws of a run that a page holds. */
export const DRAWS_SHOWN = 20;

/** Stands for the end of a text in a lineage. */
export const END = '■';

/** A run as a report shows it: what `post sample` found, whether just now or read from a run folder. */
export interface ReportRun {
  /** What tells it from the others of its group: its engine; where engines repeat an option, the seed or the folder. */
  readonly label: string;
  readonly engine: string;
  /** Null where the run has not ended. */
  readonly guarantee: string | null;
  readonly seed: string;
  readonly logZ: LogZEstimate | null;
  readonly entropy: Estimate | null;
  readonly klToPrior: Estimate | null;
  readonly expectations: Readonly<Record<string, Estimate | null>>;
  readonly diagnostics: Pick<RunDiagnostics, 'ess' | 'paretoK' | 'acceptanceRate' | 'verdict'> & {
    readonly modelCalls: number | null;
  };
  readonly reasons: readonly string[];
  /** Vocabulary entries by token number, for lineages. */
  readonly tokens: (token: number) => string;
  readonly separator: string;
  /** The first ones. */
  readonly draws: readonly { readonly text: string; readonly logPrior: number; readonly logFactor: number }[];
  /** Draws in all. */
  readonly drawn: number;
  readonly details: Details;
  /** How many weights there were, where `details` has only the first ones. */
  readonly weights?: number | undefined;
}

/** Runs of one distribution: one posterior of one program with one setting of its params and one context. */
export interface ReportGroup {
  /** What tells it from the other groups; empty where there is only one. */
  readonly heading: string;
  readonly posterior: string;
  readonly graphHash: string;
  readonly setting: Readonly<Record<string, number | string>>;
  readonly context: string;
  readonly runs: readonly ReportRun[];
  /** With `post compare`. */
  readonly comparison?: Comparison;
}

/** Everything on one page. */
export interface ReportData {
  readonly title: string;
  readonly version: string;
  /** What a reader has to know of all of it before anything else, a sentence each. */
  readonly notes: readonly string[];
  /** The programs, as they were run. */
  readonly programs: readonly { readonly name: string; readonly text: string }[];
  readonly groups: readonly ReportGroup[];
}
