/** One line of the report. What a row does not say is left out; logs are natural, times are seconds of wall clock. */
export interface Row {
  readonly task: string;
  /** Engine and its setting, or what was run. */
  readonly what: string;
  /** Root mean square error of log Z (one run: the absolute error) against the exact answer, nats. */
  readonly error?: number;
  /** The engine's own standard error of log Z, root mean square over the runs. */
  readonly ownError?: number;
  /** Share of runs whose 95% interval holds the exact log Z. */
  readonly coverage?: number;
  readonly runs?: number;
  readonly acceptance?: number;
  readonly seconds?: number;
  /** Processor time, which other work on the machine disturbs less than wall-clock time. */
  readonly cpuSeconds?: number;
  readonly drawsPerSecond?: number;
  readonly tokensPerSecond?: number;
  /** Sequences the prior was asked for, per run. */
  readonly modelCalls?: number;
  readonly peakMegabytes?: number;
  /** Times a base line measured in the same run. */
  readonly ratio?: number;
  readonly note?: string;
}

type Column = readonly [header: string, cell: (row: Row) => string | undefined];

const short = (x: number | undefined, digits = 3) =>
  x === undefined ? undefined : Number(x.toPrecision(digits)).toString();
const percent = (x: number | undefined) => (x === undefined ? undefined : `${(100 * x).toFixed(1)}%`);
const rate = (x: number | undefined) =>
  x === undefined ? undefined : x >= 1e6 ? `${(x / 1e6).toFixed(2)} M` : Math.round(x).toLocaleString('en');

const COLUMNS: readonly Column[] = [
  ['task', (r) => r.task],
  ['what', (r) => r.what],
  ['error', (r) => short(r.error)],
  ['own error', (r) => short(r.ownError)],
  ['covers', (r) => percent(r.coverage)],
  ['runs', (r) => r.runs?.toString()],
  ['accepted', (r) => percent(r.acceptance)],
  ['seconds', (r) => short(r.seconds)],
  ['cpu s', (r) => short(r.cpuSeconds)],
  ['draws/s', (r) => rate(r.drawsPerSecond)],
  ['tokens/s', (r) => rate(r.tokensPerSecond)],
  ['calls', (r) => rate(r.modelCalls)],
  ['peak MB', (r) => r.peakMegabytes?.toFixed(0)],
  ['ratio', (r) => short(r.ratio)],
  ['note', (r) => r.note],
];

/** Rows as a table; columns that no row fills are dropped. Numbers are right-aligned. */
export function formatRows(rows: readonly Row[]): string {
  const columns = COLUMNS.filter(([, cell]) => rows.some((r) => cell(r) !== undefined));
  const lines = [columns.map(([header]) => header), ...rows.map((r) => columns.map(([, cell]) => cell(r) ?? ''))];
  const widths = columns.map((_, i) => Math.max(...lines.map((l) => l[i].length)));
  const left = (i: number) => ['task', 'what', 'note'].includes(columns[i][0]);
  return lines
    .map((l) =>
      l
        .map((text, i) => (left(i) ? text.padEnd(widths[i]) : text.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
