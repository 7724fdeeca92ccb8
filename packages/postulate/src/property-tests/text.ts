import { positionAt, renderDiagnostic, type Span } from '@postulate/graph';
import type { Counterexample, CoverageReport, Exercised, Figure, Outcome } from '@postulate/testing';
import { figure } from '../cli/numbers.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Counts, FileResult, TestResult, TestStatus } from './results.ts';

const MARKS: Readonly<Record<TestStatus, string>> = { holds: '✓', fails: '✗', undecided: '?', error: '!' };

function paint(terminal: Terminal, status: TestStatus, text: string): string {
  const { green, red, yellow } = terminal.outColours;
  return status === 'holds' ? green(text) : status === 'undecided' ? yellow(text) : red(text);
}

/** ` 12 ms`, or nothing where times are not wanted. */
function time(terminal: Terminal, milliseconds: number): string {
  if (terminal.quiet) return '';
  const text = milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
  return ` ${terminal.outColours.dim(text)}`;
}

/** One property: mark, name, why, time. */
export function resultLine(r: TestResult, terminal: Terminal): string {
  const reason = r.status === 'error' || r.kind === 'law' ? r.reason : (r.outcome?.reason ?? r.reason);
  const mark = paint(terminal, r.status, MARKS[r.status]);
  return `   ${mark} ${r.name} ${terminal.outColours.dim(reason)}${time(terminal, r.milliseconds)}\n`;
}

export function fileLine(f: FileResult, terminal: Terminal): string {
  const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const worst = (['error', 'fails', 'undecided'] as const).find((s) => f.results.some((r) => r.status === s));
  const status: TestStatus = f.error ? 'error' : (worst ?? 'holds');
  const laws = f.results.filter((r) => r.kind === 'law').length;
  const properties = f.results.length - laws;
  const what = [
    properties > 0 || laws === 0 ? (properties === 1 ? '1 property' : `${properties} properties`) : '',
    laws > 0 ? counted(laws, 'posterior') + ' by laws' : '',
    f.skipped > 0 ? `${f.skipped} skipped` : '',
  ];
  const list = what.filter((w) => w !== '').join(', ');
  return ` ${paint(terminal, status, MARKS[status])} ${f.file} ${terminal.outColours.dim(`(${list})`)}${time(terminal, f.milliseconds)}\n`;
}

/** `examples/x.post:12:1` */
function place(span: Span | undefined, terminal: Terminal): string {
  if (span === undefined) return '';
  const text = terminal.sources.get(span.source);
  if (text === undefined) return span.source;
  const { line, column } = positionAt(text, span.start);
  return `${span.source}:${line}:${column}`;
}

const pad = (rows: readonly (readonly [string, string])[], indent: string): string => {
  const width = Math.max(0, ...rows.map(([a]) => [...a].length));
  return rows.map(([a, b]) => `${indent}${a}${' '.repeat(width - [...a].length)}  ${b}\n`).join('');
};

function shownTexts(c: Counterexample): string {
  return c.texts
    .map((t) => {
      const tokens = `${t.tokens.length} token${t.tokens.length === 1 ? '' : 's'}`;
      const end = t.finished ? '' : ', stopped at max_tokens';
      const same = t.tokens.join('') === t.text || t.tokens.join(' ') === t.text;
      const split = same ? '' : ` as ${t.tokens.map((s) => JSON.stringify(s)).join(' ')}`;
      return `       ${t.name} = ${JSON.stringify(t.text)}${split}   (${tokens}${end}; log prior ${figure(t.logPrior)})\n`;
    })
    .join('');
}

function shownFactors(c: Counterexample): string {
  return c.factors
    .map(({ distribution, factors }) => {
      const head = c.texts.length === 1 ? '' : ` (${c.texts.map((t) => t.name).join(', ')})`;
      const rows = factors.map((f): readonly [string, string] => [f.text, f.logs.map((l) => figure(l)).join(', ')]);
      return `       log factors of ${distribution}${head}\n${pad(rows, '         ')}`;
    })
    .join('');
}

function shownFigure(f: Figure): readonly [string, string] {
  if (f.exact) return [f.text, `${figure(f.value)} (exact)`];
  if (Number.isNaN(f.value)) return [f.text, f.how];
  return [f.text, `${figure(f.value)}, between ${figure(f.low)} and ${figure(f.high)} by ${f.how}`];
}

function rate({ errorRate }: Outcome): string {
  if (errorRate === undefined || errorRate.kind === 'exact') return '';
  const limit = errorRate.kind === 'asymptotic' ? ', in the limit of many draws' : '';
  return `       a verdict is wrong with probability at most ${errorRate.value}${limit}\n`;
}

function detail(o: Outcome): string {
  const c = o.counterexample;
  if (c !== undefined) {
    const rows = c.because.map((b) => [b.text, b.value] as const);
    const hint = c.hint === undefined ? '' : `       hint: ${c.hint}\n`;
    return `     counterexample\n${shownTexts(c)}     because\n${pad(rows, '       ')}${shownFactors(c)}${hint}`;
  }
  const figures = (o.figures ?? []).map(shownFigure);
  const unique = [...new Map(figures.map((r) => [r[0], r])).values()];
  return `${pad(unique, '       ')}${rate(o)}`;
}

/** What does not hold, with all that is known of why. */
export function failureText(f: FileResult, terminal: Terminal): string {
  const { outColours: colours } = terminal;
  const found = f.results.filter((r) => r.status !== 'holds');
  const own = f.error ? [diagnosticsText(f.error.diagnostics, terminal)] : [];
  const blocks = found.map((r) => {
    const word = { fails: 'FAILS', undecided: 'UNDECIDED', error: 'ERROR', holds: '' }[r.status];
    const at = place(r.outcome?.span, terminal);
    const head = ` ${paint(terminal, r.status, word)} ${colours.bold(`${f.file} > ${r.name}`)}\n`;
    if (r.error) return head + diagnosticsText(r.error.diagnostics, terminal);
    const where = at === '' ? '' : `     ${colours.dim(`at ${at}`)}\n`;
    return `${head}${where}     ${r.reason}\n${r.outcome ? detail(r.outcome) : ''}`;
  });
  return [...own, ...blocks].map((b) => `\n${b}`).join('');
}

function diagnosticsText(diagnostics: readonly Parameters<typeof renderDiagnostic>[0][], terminal: Terminal): string {
  return diagnostics.map((d) => `${renderDiagnostic(d, (name) => terminal.sources.get(name))}\n`).join('');
}

const oneWay = (p: Exercised): boolean => p.yes === 0 || p.no === 0;

function gap(p: Exercised, terminal: Terminal): string {
  const at = place(p.span, terminal);
  const what =
    p.yes + p.no === 0
      ? 'was not looked at'
      : p.what === 'factor'
        ? 'had the same value for every text'
        : `was never ${p.yes === 0 ? 'true' : 'false'}`;
  return `   ${p.what} ${p.text} ${what}${at === '' ? '' : ` (${at})`}\n`;
}

/** Which parts of the definitions the texts exercised, where some were not. */
export function coverageText(f: FileResult, terminal: Terminal): string {
  const c: CoverageReport | undefined = f.coverage;
  if (c === undefined || c.parts.length === 0) return '';
  const gaps = c.parts.filter(oneWay);
  if (gaps.length === 0) return '';
  const seen = `${c.both} of ${c.parts.length} parts were exercised both ways`;
  return `\n ${terminal.outColours.yellow('coverage')} ${f.file}: ${seen}\n${gaps.map((p) => gap(p, terminal)).join('')}`;
}

/** Counts in the manner of vitest. */
export function summaryLines(
  files: readonly FileResult[],
  counts: Counts,
  seed: string,
  milliseconds: number,
  terminal: Terminal,
): string {
  // prettier-ignore
  const { dim, green, red, yellow } = terminal.outColours;
  const bad = files.filter((f) => f.error !== undefined || f.results.some((r) => r.status !== 'holds')).length;
  const list = (parts: readonly (string | undefined)[]): string => parts.filter((p) => p !== undefined).join(' | ');
  const some = (n: number, text: string, colour: (s: string) => string): string | undefined =>
    n > 0 ? colour(`${n} ${text}`) : undefined;
  const total = counts.holds + counts.fails + counts.undecided + counts.error;
  const lines = [
    ['Files', `${list([some(bad, 'failed', red), some(files.length - bad, 'passed', green)])} (${files.length})`],
    [
      'Properties',
      `${list([
        some(counts.fails, 'failed', red),
        some(counts.error, counts.error === 1 ? 'error' : 'errors', red),
        some(counts.undecided, 'undecided', yellow),
        some(counts.holds, 'passed', green),
      ])} (${total})`,
    ],
    ['Seed', seed],
    ...(terminal.quiet ? [] : [['Time', `${(milliseconds / 1000).toFixed(2)} s`]]),
  ];
  return `\n${lines.map(([k, v]) => ` ${dim(k.padStart(10))}  ${v}\n`).join('')}`;
}
