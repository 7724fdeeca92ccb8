import type { Comparison, Details, Estimate, LogZEstimate, RunDiagnostics } from '@postulate/inference';

/** A run as a report shows it: what `post sample` found, whether just now or read from a run folder. */
export interface ReportRun {
  /** Engine, with the setting or folder where several runs share one. */
  readonly label: string;
  readonly engine: string;
  readonly guarantee: string;
  readonly setting: Readonly<Record<string, number>>;
  readonly logZ: LogZEstimate | null;
  readonly entropy: Estimate | null;
  readonly klToPrior: Estimate | null;
  readonly expectations: Readonly<Record<string, Estimate | null>>;
  readonly diagnostics: Pick<RunDiagnostics, 'ess' | 'paretoK' | 'acceptanceRate' | 'modelCalls' | 'verdict'>;
  readonly reasons: readonly string[];
  /** Vocabulary entries by token number, for lineages; absent where there are none. */
  readonly tokens?: ((token: number) => string) | undefined;
  readonly separator: string;
  readonly draws: readonly { readonly text: string; readonly logPrior: number; readonly logFactor: number }[];
  readonly details: Details;
}

/** Everything on one page. */
export interface ReportData {
  readonly posterior: string;
  readonly graphHash: string;
  readonly seed: string;
  readonly version: string;
  /** The program, as it was run. */
  readonly program: { readonly name: string; readonly text: string };
  readonly runs: readonly ReportRun[];
  /** With `post compare`: by setting of the sweep and context. */
  readonly comparisons: readonly {
    readonly setting: Readonly<Record<string, number>>;
    readonly comparison: Comparison;
  }[];
}
