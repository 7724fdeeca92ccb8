import type { Compared, ComparedRun, Comparison, Estimate, Reference } from '@postulate/inference';
import { duration, grouped, NONE, percent, rough, shown } from './numbers.ts';
import { oneLine } from './summary.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';
import { wrapped } from './wrap.ts';

/** Widest line of a table, characters: where more columns are wanted, they go into a second table below. */
const WIDTH = 118;

type Rows = readonly (readonly string[])[];

const isRun = (c: Compared): c is ComparedRun => c.kind === 'ran';

/** What each distribution says: prior, posterior and every engine, a row each. */
function saysRows(c: Comparison): Rows {
  const { prior, reference } = c;
  const names = Object.keys(prior.expectations);
  const row = (
    label: string,
    figures: readonly (Estimate | null | undefined)[],
    expectations: Readonly<Record<string, Estimate | null>>,
  ): string[] => [label, ...figures.map(shown), ...names.map((n) => shown(expectations[n]))];
  const rows = [
    ['', 'log Z', 'entropy', 'KL to prior', ...names],
    row(`prior (${prior.how})`, [null, prior.entropy, { value: 0, standardError: 0 }], prior.expectations),
  ];
  if (reference !== null) {
    const { exact, engine, logZ, entropy, klToPrior, expectations } = reference;
    rows.push(row(`posterior (${exact ? 'exact' : `by ${engine}`})`, [logZ, entropy, klToPrior], expectations));
  }
  const engines = c.engines.filter(isRun);
  return [
    ...rows,
    ...engines.map((e) =>
      row(e.engine, [e.result.logZ, e.entropy ?? e.result.entropy, e.result.klToPrior], e.expectations),
    ),
  ];
}

function farRows(c: Comparison): Rows {
  return [
    ['', 'KL(p|q)', 'KL(q|p)', 'TV', 'JS', 'deviation', 'ESS', 'Pareto k'],
    ...c.engines.filter(isRun).map((e) => {
      const { ess, paretoK } = e.result.diagnostics;
      const d = e.divergences;
      return [
        e.engine,
        ...[d.klForward, d.klReverse, d.tv, d.js].map(shown),
        e.agreement === null ? NONE : `${e.agreement.worst.toFixed(1)} SE (${e.agreement.of})`,
        ess === null ? NONE : rough(ess),
        paretoK === null ? NONE : paretoK.toFixed(2),
      ];
    }),
  ];
}

function varietyRows(c: Comparison): Rows {
  const runs = c.engines.filter(isRun);
  const measures = Object.keys(c.prior.diversity);
  const histogram = runs.some((e) => e.histogram !== null);
  const of = (d: Readonly<Record<string, Estimate | null>>): string[] => measures.map((m) => shown(d[m]));
  const blank = histogram ? ['', ''] : [];
  return [
    ['', ...measures, ...(histogram ? ['histogram TV', 'of exact draws'] : [])],
    ['prior', ...of(c.prior.diversity), ...blank],
    ...(c.reference === null ? [] : [['posterior', ...of(c.reference.diversity), ...blank]]),
    ...runs.map((e) => [
      e.engine,
      ...of(e.diversity),
      ...(histogram ? [e.histogram?.tv.toFixed(3) ?? NONE, e.histogram?.ofExactDraws.toFixed(3) ?? NONE] : []),
    ]),
  ];
}

function costRows(c: Comparison): Rows {
  return [
    ['', 'model calls', 'factor calls', 'tokens', 'acceptance', 'time'],
    ...c.engines
      .filter(isRun)
      .map(({ engine, cost: { modelCalls, factorCalls, tokens, seconds }, result }) => [
        engine,
        grouped(modelCalls),
        grouped(factorCalls),
        tokens === null ? NONE : grouped(tokens),
        result.diagnostics.acceptanceRate === null ? NONE : percent(result.diagnostics.acceptanceRate),
        seconds < 1 ? `${Math.round(1000 * seconds)} ms` : duration(seconds),
      ]),
  ];
}

/** The columns of a table in as many tables as it takes for each to be narrow enough; the first column is in all of them. */
function narrow(rows: Rows): readonly Rows[] {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((r) => [...r[c]].length)));
  const parts: number[][] = [[]];
  let used = widths[0];
  for (let c = 1; c < widths.length; c++) {
    if (used + 2 + widths[c] > WIDTH && parts[parts.length - 1].length > 0) {
      parts.push([]);
      used = widths[0];
    }
    parts[parts.length - 1].push(c);
    used += 2 + widths[c];
  }
  return parts.map((columns) => rows.map((r) => [r[0], ...columns.map((c) => r[c])]));
}

function printed(title: string, rows: Rows, colours: Colours): readonly string[] {
  return narrow(rows).map((part, i) => {
    const [head, ...body] = table(part, part[0].map((_, c) => c).slice(1)).split('\n');
    return [colours.bold(i === 0 ? title : `${title}, continued`), colours.dim(head), ...body].join('\n');
  });
}

/** One line for each engine: whether to trust it, and if not why. */
function verdicts(c: Comparison, colours: Colours): string {
  const width = Math.max(...c.engines.map((e) => e.engine.length));
  const lines = c.engines.map((e) => {
    const text = e.kind === 'ran' ? e.result.diagnostics.verdict : `${e.kind} [${e.code}]: ${e.message}`;
    const paint = text === 'ok' ? colours.green : colours.yellow;
    const [first, ...rest] = wrapped(text, WIDTH - width - 2).map(paint);
    return [`${e.engine.padEnd(width)}  ${first}`, ...rest.map((r) => ' '.repeat(width + 2) + r)].join('\n');
  });
  return [colours.bold('verdicts'), ...lines].join('\n');
}

function boundsText({ lower, upper }: NonNullable<Reference['bounds']>): string {
  if (lower === null) return `is at most ${shown(upper)}`;
  return upper === null ? `is at least ${shown(lower)}` : `lies between ${shown(lower)} and ${shown(upper)}`;
}

/** What a reader has to know of what the engines are held against. */
function remarks(c: Comparison, colours: Colours): string[] {
  const { reference } = c;
  if (reference === null) return [colours.yellow('no engine gave an answer to hold the others against')];
  const { bounds: b, exact, engine } = reference;
  return [
    ...(exact ? [] : [`the posterior itself is estimated, by ${engine}`]),
    ...(b ? [`log Z ${boundsText(b)} (in expectation)`] : []),
  ];
}

/** A comparison for a reader at a terminal. */
export function comparisonText(c: Comparison, heading: string, colours: Colours): string {
  const context = Object.values(c.context).map(oneLine).join(', ');
  const title = [
    `${c.posterior}  #${c.graphHash.slice(0, 12)}`,
    heading,
    context,
    `${grouped(c.draws)} draws an engine, seed ${oneLine(c.seed)}`,
  ];
  return [
    title.filter((t) => t !== '').join('   '),
    ...printed('what each says', saysRows(c), colours),
    ...printed('how far what it draws is from the posterior', farRows(c), colours),
    ...printed('variety of the draws', varietyRows(c), colours),
    ...printed('what the run cost', costRows(c), colours),
    verdicts(c, colours),
    ...remarks(c, colours),
  ].join('\n\n');
}
