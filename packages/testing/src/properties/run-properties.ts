import { type Property, type ModelGraph, PostError } from '@postulate/graph';
import { seededChooser } from '@postulate/inference';
import type { Chooser, Models } from '@postulate/models';
import type { Coverage } from '../coverage/coverage.ts';
import { checkDistributional } from './distributional.ts';
import { Book, leavesOf } from './figures/book.ts';
import type { Outcome, Verdict } from './outcome.ts';
import { checkPointwise } from './pointwise.ts';

export interface PropertyOptions {
  /** Texts (or pairs, …) that a `forall` is tried on; default 1000. */
  readonly runs?: number | undefined;
  readonly seed?: string | undefined;
  /** Probability with which a verdict by draws may be wrong; default 1e-3 for each property. */
  readonly errorRate?: number | undefined;
  /** Most draws of one distribution; default 65,536. */
  readonly draws?: number | undefined;
  /** Most milliseconds for one property, as far as rounds and batches can be cut short; default no limit. */
  readonly timeLimit?: number | undefined;
  /** False decides by draws what could be known exactly; default true. */
  readonly exact?: boolean | undefined;
  readonly coverage?: Coverage | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_RUNS = 1000;
export const DEFAULT_ERROR_RATE = 1e-3;
export const DEFAULT_DRAWS = 65_536;

type Found = Omit<Outcome, 'property' | 'milliseconds'>;

const WORST: readonly Verdict[] = ['fails', 'undecided', 'holds'];

/** The outcome of a family: it holds where it holds for every value of the context. */
function worst(found: readonly Found[]): Found {
  const verdict = WORST.find((v) => found.some((f) => f.verdict === v))!;
  const first = found.find((f) => f.verdict === verdict)!;
  const runs = found.reduce((sum, f) => sum + f.runs, 0);
  if (found.length === 1) return first;
  const where = first.context === undefined ? '' : `${JSON.stringify(first.context)}: `;
  const reason = verdict === 'holds' ? `for each of ${found.length} contexts, ${first.reason}` : where + first.reason;
  return { ...first, runs, reason };
}

async function outcomeOf(
  graph: ModelGraph,
  property: Property,
  models: Models,
  book: Book,
  options: PropertyOptions,
): Promise<Found> {
  // prettier-ignore
  const { runs = DEFAULT_RUNS, seed = '0', timeLimit = Infinity, coverage } = options;
  if (property.forall !== undefined) {
    const chooser: Chooser = seededChooser(seed).split(property.name);
    return worst(await checkPointwise(graph, property, models, { runs, chooser, timeLimit, coverage, book }));
  }
  if (leavesOf(property.claim).length === 0) {
    const holds = property.claim.kind === 'boolean' && property.claim.value;
    return { verdict: holds ? 'holds' : 'fails', reason: 'by the numbers of the file alone', runs: 0 };
  }
  const { errorRate = DEFAULT_ERROR_RATE, draws = DEFAULT_DRAWS } = options;
  return worst(await checkDistributional(graph, property, book, { errorRate, draws, timeLimit }));
}

/** Runs the properties of a file one by one, those that `wanted` lets through. Throws what definitions throw when they are run. */
export async function* runProperties(
  graph: ModelGraph,
  models: Models,
  options: PropertyOptions = {},
  wanted: (property: Property) => boolean = () => true,
): AsyncGenerator<Outcome | { readonly property: string; readonly error: PostError; readonly milliseconds: number }> {
  const properties = graph.properties.filter(wanted);
  const chooser = seededChooser(options.seed ?? '0').split('draws');
  const book = new Book(graph, models, properties, chooser, options.signal, options.exact ?? true);
  for (const property of properties) {
    options.signal?.throwIfAborted();
    const start = performance.now();
    const about = { property: property.name, ...(property.span === undefined ? {} : { span: property.span }) };
    try {
      const found = await outcomeOf(graph, property, models, book, options);
      yield { ...found, ...about, milliseconds: performance.now() - start };
    } catch (error) {
      if (!(error instanceof PostError)) throw error;
      yield { ...about, error, milliseconds: performance.now() - start };
    }
  }
}
