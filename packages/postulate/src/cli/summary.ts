import type { Result } from '../api/types.ts';
import { estimateText, figure, grouped } from './numbers.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

/** A text on one line: control characters and line breaks as escapes, a backslash doubled. */
export function oneLine(text: string): string {
  const names: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\' };
  return text.replace(/[\\\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (c) => {
    return names[c] ?? `\\u{${c.codePointAt(0)!.toString(16)}}`;
  });
}

type Row = readonly [label: string, value: string];

function logZText({ logZ, unavailable }: Result): string {
  if (logZ === null) return missing(unavailable.logZ);
  return logZ.kind === 'exact' ? `${figure(logZ.value)} (exact)` : `${estimateText(logZ)} (${logZ.kind})`;
}

const missing = (reason: string | undefined) => (reason === undefined ? 'not available' : `not available: ${reason}`);

function figureRows(result: Result): readonly Row[] {
  const { entropy, klToPrior, lambda, unavailable } = result;
  const nats = (name: string, estimate: Result['entropy']) =>
    estimate === null ? missing(unavailable[name]) : `${estimateText(estimate)} nats`;
  return [
    ['log Z', logZText(result)],
    ['entropy', nats('entropy', entropy)],
    ['KL to prior', nats('klToPrior', klToPrior)],
    ...(lambda === null ? [] : [['lambda', lambda.map(figure).join(', ')] as const]),
  ];
}

function runRows({ draws, diagnostics, stopped }: Result): readonly Row[] {
  const { ess, paretoK, acceptanceRate, modelCalls } = diagnostics;
  const parts = [
    `${grouped(draws.length)}${stopped ? ' (stopped early)' : ''}`,
    ...(ess === null || draws.length === 0 ? [] : [`ESS ${figure(Number(ess.toPrecision(4)))}`]),
    ...(paretoK === null ? [] : [`Pareto k ${paretoK.toFixed(2)}`]),
    ...(acceptanceRate === null ? [] : [`acceptance ${figure(Number((acceptanceRate * 100).toPrecision(3)))}%`]),
    ...(modelCalls === 0 ? [] : [`${grouped(modelCalls)} model calls`]),
  ];
  return [['draws', parts.join(', ')]];
}

function expectationRows({ expectations, unavailable }: Result): readonly string[] {
  const rows = Object.entries(expectations).map(([name, estimate]) => [
    `  ${name}`,
    estimate === null ? missing(unavailable[name]) : estimateText(estimate),
  ]);
  return rows.length === 0 ? [] : ['expectations', ...table(rows).split('\n')];
}

/** What a run found, for a reader at a terminal. */
export function summaryText(result: Result, colours: Colours): string {
  const rows: readonly Row[] = [
    ['posterior', `${result.posterior}  #${result.graphHash.slice(0, 12)}`],
    ...(result.context === undefined ? [] : [['context', oneLine(result.context)] as const]),
    ['engine', `${result.engine} (${result.guarantee}), seed ${oneLine(result.seed)}`],
    ...(result.reasons ?? []).map((reason, i) => [i === 0 ? 'chosen' : '', reason] as const),
    ...figureRows(result),
    ...runRows(result),
  ];
  const lines = table(rows.map(([label, value]) => [label.padEnd(12), value])).split('\n');
  const painted = lines.map((line) => colours.dim(line.slice(0, 12)) + line.slice(12));
  const { verdict } = result.diagnostics;
  const verdictText = verdict === 'ok' ? colours.green('ok') : colours.yellow(verdict);
  const expectations = expectationRows(result);
  return [...painted, ...expectations, `${colours.dim('verdict'.padEnd(12))}  ${verdictText}`].join('\n');
}
