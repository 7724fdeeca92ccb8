import type { Ancestry, Chains, Details } from '@postulate/inference';
import type { Result, TokenNames } from '../api/types.ts';
import { json } from '../cli/json.ts';

/** Details of one member of a family, as `details.json` holds them. */
export interface StoredDetails {
  readonly context?: string;
  readonly details: Details;
  readonly names?: TokenNames;
  /** How many weights there were, where not all of them are kept. */
  readonly weights?: number;
}

const FORMAT = 1;
/** Most weights kept: more show nothing more, and the file stays small enough to be read whole. */
const WEIGHTS = 100_000;

function stored({ context, details = {}, names }: Result): StoredDetails {
  const { logWeights } = details;
  const cut = logWeights !== undefined && logWeights.length > WEIGHTS;
  return {
    ...(context === undefined ? {} : { context }),
    details: cut ? { ...details, logWeights: logWeights.subarray(0, WEIGHTS) } : details,
    ...(names === undefined ? {} : { names }),
    ...(cut ? { weights: logWeights.length } : {}),
  };
}

/** The details of a run as a document; typed arrays as arrays, numbers that are not finite as in every other document. */
export function detailsText(results: readonly Result[]): string {
  const plain = json({ format: FORMAT, members: results.map(stored) });
  return `${plain}\n`;
}

/** Fields that hold texts, of which `inf` may be one. */
const TEXTS: ReadonlySet<string> = new Set(
  'name factor prefix context text verdict posterior engine seed guarantee graphHash kind'.split(' '),
);

/** Numbers that are not finite, out of a document as `toJson` writes them. Null stays: most often it says "not known". */
export function withInfinities(value: unknown, key = ''): unknown {
  if (value === 'inf') return TEXTS.has(key) ? value : Infinity;
  if (value === '-inf') return TEXTS.has(key) ? value : -Infinity;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return key === 'tokens' ? value : value.map((v) => withInfinities(v));
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withInfinities(v, k)]));
}

/** Null stands for a number that is none. */
const floats = (values: ArrayLike<number | null>): Float64Array => Float64Array.from(values, (v) => v ?? NaN);

const ancestry = (a: Ancestry): Ancestry => ({
  ...a,
  generations: a.generations.map((g) => ({
    parents: Int32Array.from(g.parents),
    tokens: Int32Array.from(g.tokens),
    logWeights: floats(g.logWeights),
    resampled: g.resampled,
  })),
});

const chains = (c: Chains): Chains => ({
  ...c,
  functionals: c.functionals.map((f) => ({ ...f, chains: f.chains.map(floats) })),
});

function revived(member: StoredDetails): StoredDetails {
  const details = withInfinities(member.details) as Details;
  return {
    ...member,
    details: {
      ...details,
      ...(details.logWeights === undefined ? {} : { logWeights: floats(details.logWeights) }),
      ...(details.ancestry === undefined ? {} : { ancestry: details.ancestry.map(ancestry) }),
      ...(details.chains === undefined ? {} : { chains: chains(details.chains) }),
    },
  };
}

/** What `detailsText` wrote; undefined where it is of another format. */
export function parseDetails(text: string): readonly StoredDetails[] | undefined {
  const document = JSON.parse(text) as { readonly format: number; readonly members: readonly StoredDetails[] };
  return document.format === FORMAT ? document.members.map(revived) : undefined;
}
