/** One line of the report. What a row does not say is left out; logs are natural, times are seconds of wall clock. */
export interface Row {
  readonly task: string;
  /** Engine and its setting, or what was run. */
  readonly what: string;
  /** Root mean square error (one run: the absolute error) of log Z, nats, or of what the row names, against the exact answer. */
  readonly error?: number;
  /** The engine's own standard error of the same, root mean square over the runs. */
  readonly ownError?: number;
  /** Share of runs whose 95% interval holds the exact value. */
  readonly coverage?: number;
  /** Share of runs that the engine itself says can be trusted. */
  readonly verdictOk?: number;
  /** Total variation to the posterior, as the engine estimates it: mean over the runs. */
  readonly totalVariation?: number;
  readonly runs?: number;
  readonly acceptance?: number;
  readonly seconds?: number;
  /** Processor time, which other work on the machine disturbs less than wall-clock time. */
  readonly cpuSeconds?: number;
  /** Draws handed out, or particles, or proposals: the row or its table says which. */
  readonly drawsPerSecond?: number;
  /** Texts of the prior, kept or not. */
  readonly proposalsPerSecond?: number;
  readonly tokensPerSecond?: number;
  /** −log₂ of the probability of held-out texts over their UTF-8 bytes, ends included. */
  readonly bitsPerByte?: number;
  /** Gradient steps of a training run. */
  readonly stepsPerSecond?: number;
  /** Sequences the prior was asked for, per run. */
  readonly modelCalls?: number;
  /** Tests of a constraint for each token that is drawn. */
  readonly testsPerToken?: number;
  /** Peak resident set of the whole process. */
  readonly peakMegabytes?: number;
  /** Times a base line measured in the same run. */
  readonly ratio?: number;
  /** What is asked of the row, in words, and whether it is met. */
  readonly target?: string;
  readonly met?: boolean;
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
  ['ok', (r) => percent(r.verdictOk)],
  ['TV', (r) => short(r.totalVariation)],
  ['runs', (r) => r.runs?.toString()],
  ['accepted', (r) => percent(r.acceptance)],
  ['bits/byte', (r) => short(r.bitsPerByte, 4)],
  ['seconds', (r) => short(r.seconds)],
  ['cpu s', (r) => short(r.cpuSeconds)],
  ['draws/s', (r) => rate(r.drawsPerSecond)],
  ['proposals/s', (r) => rate(r.proposalsPerSecond)],
  ['tokens/s', (r) => rate(r.tokensPerSecond)],
  ['steps/s', (r) => rate(r.stepsPerSecond)],
  ['calls', (r) => rate(r.modelCalls)],
  ['tests/token', (r) => short(r.testsPerToken)],
  ['peak MB', (r) => r.peakMegabytes?.toFixed(0)],
  ['ratio', (r) => short(r.ratio)],
  ['target', (r) => r.target],
  ['met', (r) => (r.met === undefined ? undefined : r.met ? 'yes' : 'NO')],
  ['note', (r) => r.note],
];

/** Rows as a table; columns that no row fills are dropped. Numbers are right-aligned. */
export function formatRows(rows: readonly Row[]): string {
  const columns = COLUMNS.filter(([, cell]) => rows.some((r) => cell(r) !== undefined));
  const lines = [columns.map(([header]) => header), ...rows.map((r) => columns.map(([, cell]) => cell(r) ?? ''))];
  const widths = columns.map((_, i) => Math.max(...lines.map((l) => l[i].length)));
  const left = (i: number) => ['task', 'what', 'target', 'met', 'note'].includes(columns[i][0]);
  return lines
    .map((l) =>
      l
        .map((text, i) => (left(i) ? text.padEnd(widths[i]) : text.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** How many of the rows that have a target meet it, and which do not. */
export function summary(rows: readonly Row[]): string {
  const held = rows.filter((r) => r.met !== undefined);
  const missed = held.filter((r) => !r.met).map((r) => `${r.task} ${r.what}`.trim());
  const which = missed.length === 0 ? '' : ` (not met: ${missed.join('; ')})`;
  return `${held.length - missed.length} of ${held.length} targets met${which}`;
}
