import fc from 'fast-check';
import { type Claim, nodeText, type ModelGraph, type NodeId, type Property, reachable } from '@postulate/graph';
import { bindNodes, isMachine, type TextEvaluator } from '@postulate/inference';
import type { Chooser, Models } from '@postulate/models';
import { batchOf } from '../arbitraries/texts.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { AutomatonTexts } from '../generate/automaton-texts.ts';
import { openPools, type Pools } from '../generate/pools.ts';
import { TextArbitrary, TextsArbitrary } from '../generate/text-arbitrary.ts';
import { minimise, type Case } from '../shrink/minimise.ts';
import type { Cell } from './column.ts';
import { evaluateClaim, type Cases, type Figures } from './evaluate.ts';
import { because, shownFactors, shownTexts } from './explain.ts';
import { leavesOf, type Book } from './figures/book.ts';
import type { Counterexample, Outcome } from './outcome.ts';
import { hardEvents, subjectOf, type Subject } from './subject.ts';

export interface PointwiseOptions {
  /** Texts (or pairs, …) to try; default 1000. */
  readonly runs: number;
  readonly chooser: Chooser;
  /** Milliseconds after which no new batch is begun. */
  readonly timeLimit: number;
  readonly coverage?: Coverage | undefined;
  /** What is known of whole distributions, for claims that speak of both. */
  readonly book?: Book | undefined;
}

/** Cases evaluated at once. */
const BATCH = 250;
/** How many cases are generated for each that is wanted, where few have mass under the domain. */
const MOST_A_RUN = 20;
/** Draws of the prior to begin from. */
const DRAWS = 400;

/** A property at work on the texts of one context. */
interface Work {
  readonly subject: Subject;
  readonly property: Property;
  readonly evaluator: TextEvaluator;
  readonly figures: Figures;
}

function casesOf({ subject, evaluator }: Work, list: readonly Case[]): Cases {
  return Object.fromEntries(subject.texts.map((name, k) => [name, batchOf(evaluator.prior, list.map((c) => c[k]))])); // prettier-ignore
}

/** Whether every text of a case has positive mass under the domain. */
async function admits({ subject, evaluator }: Work, list: readonly Case[]): Promise<readonly boolean[]> {
  const { domain, texts } = subject;
  if (domain === undefined || list.length === 0) return list.map(() => true);
  const width = texts.length;
  const logs = await evaluator.logDensity(domain, batchOf(evaluator.prior, list.flat()));
  return list.map((c, i) => c.every((_, k) => logs[i * width + k] > -Infinity));
}

/** 1 for the cases that are in the domain and fail. */
async function failing(work: Work, list: readonly Case[]): Promise<Uint8Array> {
  const admitted = await admits(work, list);
  const inside = list.filter((_, i) => admitted[i]);
  const found = new Uint8Array(list.length);
  if (inside.length === 0) return found;
  const { holds } = await evaluateClaim(work.evaluator, work.property.claim, casesOf(work, inside), work.figures);
  let k = 0;
  admitted.forEach((yes, i) => {
    if (yes) found[i] = holds[k++] === 0 ? 1 : 0;
  });
  return found;
}

const CLAUSES: ReadonlySet<string> = new Set(['test', 'compare', 'and', 'or', 'not']);

/** Events whose automata are worth walking: those made up for the search, then the clauses of the definitions. */
function eventsOf({ graph, admitted, violation, distributions, nodes }: Subject): readonly NodeId[] {
  const made = [violation, admitted].filter((id) => id !== undefined);
  const named = [...reachable(graph, [...distributions, ...nodes])].filter((id) => CLAUSES.has(graph.nodes[id].kind));
  return [...new Set([...made, ...named])].slice(0, 24);
}

/** Proves that no token sequence at all is a counterexample, where automata can. */
function proof({ subject, evaluator }: Work): string | undefined {
  if (subject.violation === undefined) return undefined;
  const machine = evaluator.machine(subject.violation);
  if (!isMachine(machine)) return undefined;
  const walk = AutomatonTexts.of(machine, evaluator.prior.maxTokens);
  return walk?.empty === true ? 'proved for every text, by automata' : undefined;
}

interface Search {
  readonly failed: { readonly case: Case; readonly run: number } | undefined;
  readonly runs: number;
  readonly generated: readonly Case[];
}

async function search(work: Work, pools: Pools, options: PointwiseOptions): Promise<Search> {
  const { subject, evaluator } = work;
  const one = new TextArbitrary(evaluator.prior, pools);
  const arbitrary = new TextsArbitrary(one, subject.texts.length);
  const until = performance.now() + options.timeLimit;
  let runs = 0;
  let first: readonly Case[] = [];
  for (let round = 0; round * BATCH < options.runs * MOST_A_RUN && runs < options.runs; round++) {
    const seed = Math.floor(options.chooser.split(`cases ${round}`).uniform!() * 2 ** 31);
    const all = fc.sample(arbitrary, { numRuns: BATCH, seed });
    if (round === 0) first = all;
    if (round < 4) await observe(work, all, options.coverage);
    const admitted = await admits(work, all);
    const list = all.filter((_, i) => admitted[i]).slice(0, options.runs - runs);
    const at = (await failing(work, list)).indexOf(1);
    if (at >= 0) return { failed: { case: list[at], run: runs + at + 1 }, runs: runs + at + 1, generated: first };
    runs += list.length;
    if (performance.now() > until) break;
  }
  return { failed: undefined, runs, generated: first };
}

async function observe({ subject, evaluator }: Work, list: readonly Case[], coverage?: Coverage): Promise<void> {
  const batch = batchOf(evaluator.prior, list.map((c) => c[0])); // prettier-ignore
  await coverage?.observe(evaluator, [...subject.distributions, ...subject.nodes], batch);
}

/**
 * The slip that is easiest to make: an event where its opposite was meant. Told where, on all that was generated, the
 * property says the opposite of what one of the hard factors asks for.
 */
async function slip(work: Work, generated: readonly Case[]): Promise<string | undefined> {
  const { subject, evaluator, property, figures } = work;
  if (subject.domain === undefined || subject.texts.length !== 1 || generated.length === 0) return undefined;
  const cases = casesOf(work, generated);
  const { holds } = await evaluateClaim(evaluator, property.claim, cases, figures);
  for (const event of hardEvents(subject.graph, subject.domain)) {
    const asked = await evaluator.value(event, cases[subject.texts[0]]);
    const opposite = holds.every((h, i) => (h !== 0) === (asked[i] === 0));
    if (!opposite || !asked.includes(1) || !asked.includes(0)) continue;
    const name = nodeText(subject.graph, event);
    const domain = nodeText(subject.graph, subject.domain);
    return (
      `${domain} keeps the texts where \`${name}\` is true, and the property asks for those where it is false: ` +
      `should it be \`not ${/^[A-Za-z_]\w*$/.test(name) ? name : `(${name})`}\`?`
    );
  }
  return undefined;
}

/** A property whose condition never held has said nothing: that is worth a word. */
async function vacuous(work: Work, generated: readonly Case[]): Promise<string> {
  const { claim } = work.property;
  if (claim.kind !== 'implies') return '';
  const admitted = await admits(work, generated);
  const inside = generated.filter((_, i) => admitted[i]);
  if (inside.length === 0) return '';
  const evaluation = await evaluateClaim(work.evaluator, claim, casesOf(work, inside), work.figures);
  const condition = evaluation.of(claim.left)?.values ?? [];
  return condition.some((v) => v !== 0) ? '' : ', but its condition was never true';
}

async function counterexample(
  work: Work,
  found: NonNullable<Search['failed']>,
  generated: readonly Case[],
): Promise<Counterexample> {
  const { evaluator, subject, property } = work;
  const { texts, tried } = await minimise(found.case, (list) => failing(work, list), evaluator.prior);
  const evaluation = await evaluateClaim(evaluator, property.claim, casesOf(work, [texts]), work.figures);
  const hint = await slip(work, generated);
  return {
    texts: await shownTexts(evaluator, subject.texts, texts),
    because: because(subject.graph, evaluation, property.claim, 0),
    factors: await shownFactors(evaluator, subject.distributions, texts),
    ...(hint === undefined ? {} : { hint }),
    foundAt: found.run,
    shrinks: tried,
  };
}

type Found = Pick<Outcome, 'verdict' | 'reason' | 'runs' | 'counterexample' | 'context'>;

async function onContext(work: Work, options: PointwiseOptions): Promise<Found> {
  const { subject, evaluator } = work;
  const pools = await openPools({
    evaluator,
    distributions: subject.distributions,
    events: eventsOf(subject),
    draws: DRAWS,
    chooser: options.chooser,
    own: (id) => options.book?.draws(id, JSON.stringify(evaluator.context)) ?? Promise.resolve([]),
  });
  const proved = proof(work);
  // What is proved is tried all the same, though not as often: a proof speaks of automata, a run of what they stand for.
  const runs = proved === undefined ? options.runs : Math.min(options.runs, BATCH);
  const { failed, runs: done, generated } = await search(work, pools, { ...options, runs });
  const many = `${done} ${subject.texts.length === 1 ? (done === 1 ? 'text' : 'texts') : `cases of ${subject.texts.length} texts`}`;
  if (failed !== undefined) {
    const shown = await counterexample(work, failed, generated);
    return { verdict: 'fails', reason: `a counterexample after ${many}`, runs: done, counterexample: shown };
  }
  if (proved !== undefined) return { verdict: 'holds', reason: proved, runs: done };
  if (done > 0) {
    const empty = await vacuous(work, generated);
    return { verdict: 'holds', reason: `no counterexample among ${many}${empty}`, runs: done };
  }
  const where =
    subject.domain === undefined ? 'texts' : `texts with mass under ${nodeText(subject.graph, subject.domain)}`;
  return { verdict: 'undecided', reason: `no ${where} were found to try it on`, runs: 0 };
}

const NO_FIGURES: Figures = () => undefined;
const UNKNOWN: Found = { verdict: 'undecided', reason: 'it compares texts with a quantity that is not known exactly', runs: 0 }; // prettier-ignore

/** The quantities of whole distributions in a claim about texts; undefined where one is not known exactly. */
async function figuresOf({ claim }: Property, book: Book | undefined, context: string): Promise<Figures | undefined> {
  const cells = new Map<Claim, Cell>();
  for (const leaf of leavesOf(claim)) {
    const known = await book?.know(leaf, context);
    if (known?.kind !== 'exact') return undefined;
    cells.set(leaf, known.cell);
  }
  return (c) => cells.get(c);
}

/** Tries a `forall` property on many generated texts, for every value of the context that it depends on. */
export async function checkPointwise(
  graph: ModelGraph,
  property: Property,
  models: Models,
  options: PointwiseOptions,
): Promise<readonly Found[]> {
  const subject = subjectOf(graph, property);
  if (subject === undefined) return [{ verdict: 'undecided', reason: 'the file has no distribution to take texts from', runs: 0 }]; // prettier-ignore
  const { densities, domain, admitted, violation, distributions, nodes } = subject;
  const made = [admitted, violation].filter((id) => id !== undefined);
  const needed = [...nodes, ...made, ...distributions, ...(domain === undefined ? [] : [domain])];
  const fitted = [...densities, ...nodes.filter((id) => graph.nodes[id].type !== 'distribution')];
  const evaluators = await bindNodes(subject.graph, subject.over, needed, models, fitted);
  const found: Found[] = [];
  for (const evaluator of evaluators) {
    const chooser = options.chooser.split(JSON.stringify(evaluator.context));
    const context = Object.values(evaluator.context);
    const figures = await figuresOf(property, options.book, JSON.stringify(evaluator.context));
    const work = { subject, property, evaluator, figures: figures ?? NO_FIGURES };
    const result = figures === undefined ? UNKNOWN : await onContext(work, { ...options, chooser });
    found.push(context.length === 0 ? result : { ...result, context: context.join(', ') });
  }
  return found;
}
