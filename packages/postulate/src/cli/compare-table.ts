import type { Compared, ComparedRun, Comparison, Estimate } from '@postulate/inference';
import { duration, estimateText, figure, grouped } from './numbers.ts';
import { oneLine } from './summary.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

const NONE = '–';

const shown = (e: Estimate | null | undefined): string =>
  e === null || e === undefined ? NONE : e.standardError === null ? figure(e.value) : estimateText(e);
const whole = (x: number | null): string => (x === null ? NONE : grouped(x));

const isRun = (c: Compared): c is ComparedRun => c.kind === 'ran';

/** Columns of expectations that fit beside the figures before a second table begins. */
const WIDE = 5;

/** What each distribution says: prior, posterior and every engine, a row each. */
function saysRows(c: Comparison, names: readonly string[], figures: boolean): string[][] {
  const row = (
    label: string,
    logZ: Estimate | null | undefined,
    entropy: Estimate | null,
    kl: Estimate | null,
    expectations: Readonly<Record<string, Estimate | null>>,
  ): string[] => [
    label,
    ...(figures ? [shown(logZ), shown(entropy), shown(kl)] : []),
    ...names.map((n) => shown(expectations[n])),
  ];
  const { prior, reference } = c;
  return [
    ['', ...(figures ? ['log Z', 'entropy', 'KL to prior'] : []), ...names],
    row(`prior (${prior.how})`, undefined, prior.entropy, { value: 0, standardError: 0 }, prior.expectations),
    ...(reference === null
      ? []
      : [
          row(
            `posterior (${reference.exact ? 'exact' : `by ${reference.engine}`})`,
            reference.logZ,
            reference.entropy,
            reference.klToPrior,
            reference.expectations,
          ),
        ]),
    ...c.engines
      .filter(isRun)
      .map((e) => row(e.engine, e.result.logZ, e.entropy ?? e.result.entropy, e.result.klToPrior, e.expectations)),
  ];
}

function farRows(c: Comparison): string[][] {
  return [
    ['', 'KL(p|q)', 'KL(q|p)', 'TV', 'JS', 'deviation', 'ESS', 'Pareto k', 'acceptance'],
    ...c.engines.filter(isRun).map((e) => {
      const { ess, paretoK, acceptanceRate } = e.result.diagnostics;
      const d = e.divergences;
      return [
        e.engine,
        shown(d.klForward),
        shown(d.klReverse),
        shown(d.tv),
        shown(d.js),
        e.agreement === null ? NONE : `${e.agreement.worst.toFixed(1)} SE (${e.agreement.of})`,
        ess === null ? NONE : figure(Number(ess.toPrecision(4))),
        paretoK === null ? NONE : paretoK.toFixed(2),
        acceptanceRate === null ? NONE : `${figure(Number((100 * acceptanceRate).toPrecision(3)))}%`,
      ];
    }),
  ];
}

function varietyRows(c: Comparison): string[][] {
  const measures = Object.keys(c.engines.find(isRun)?.diversity ?? {});
  const histogram = c.engines.some((e) => isRun(e) && e.histogram !== null);
  const of = (d: Readonly<Record<string, Estimate | null>>): string[] => measures.map((m) => shown(d[m]));
  const blank = Array.from({ length: 4 }, () => '');
  return [
    [
      '',
      ...measures,
      ...(histogram ? ['histogram TV', 'of exact draws'] : []),
      'model calls',
      'factor calls',
      'tokens',
      'time',
    ],
    ['prior', ...of(c.prior.diversity), ...(histogram ? ['', ''] : []), ...blank],
    ...(c.reference === null
      ? []
      : [['posterior', ...of(c.reference.diversity), ...(histogram ? ['', ''] : []), ...blank]]),
    ...c.engines
      .filter(isRun)
      .map((e) => [
        e.engine,
        ...of(e.diversity),
        ...(histogram ? [e.histogram?.tv.toFixed(3) ?? NONE, e.histogram?.ofExactDraws.toFixed(3) ?? NONE] : []),
        grouped(e.cost.modelCalls),
        grouped(e.cost.factorCalls),
        whole(e.cost.tokens),
        e.cost.seconds < 1 ? `${Math.round(1000 * e.cost.seconds)} ms` : duration(e.cost.seconds),
      ]),
  ];
}

function printed(title: string, rows: string[][], colours: Colours): string {
  const [head, ...body] = table(rows, rows[0].map((_, i) => i).slice(1)).split('\n');
  return [colours.bold(title), colours.dim(head), ...body].join('\n');
}

function expectationTables(c: Comparison, colours: Colours): string[] {
  const names = Object.keys(c.prior.expectations);
  const parts = [printed('what each says', saysRows(c, names.slice(0, WIDE), true), colours)];
  for (let i = WIDE; i < names.length; i += WIDE + 3) {
    parts.push(printed('and', saysRows(c, names.slice(i, i + WIDE + 3), false), colours));
  }
  return parts;
}

function remarks(c: Comparison, colours: Colours): string[] {
  const lines: string[] = [];
  for (const e of c.engines) {
    if (e.kind !== 'ran') lines.push(`${e.engine}  ${colours.yellow(`${e.kind} [${e.code}]: ${e.message}`)}`);
    else if (e.result.diagnostics.verdict !== 'ok')
      lines.push(`${e.engine}  ${colours.yellow(e.result.diagnostics.verdict)}`);
    else if (e.divergenceNote === undefined || e.agreement !== null) continue;
    else lines.push(`${e.engine}  ${e.divergenceNote}`);
  }
  if (c.reference === null) lines.push(colours.yellow('no engine gave an answer to hold the others against'));
  else if (!c.reference.exact) lines.push(`the posterior itself is estimated, by ${c.reference.engine}`);
  const b = c.reference?.bounds;
  if (b) lines.push(`log Z lies between ${shown(b.lower)} and ${shown(b.upper)} (in expectation)`);
  return lines;
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
    ...expectationTables(c, colours),
    printed('how far what it draws is from the posterior', farRows(c), colours),
    printed('variety of the draws, and what the run cost', varietyRows(c), colours),
    ...remarks(c, colours),
  ].join('\n\n');
}
