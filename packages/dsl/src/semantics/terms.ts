import type { Arguments, EventNode, Moment, NodeType, RandomNode, Range, ScoreNode, Span } from '@postulate/graph';

/** Index of a term in the table; terms refer only to smaller indices. */
export type TermId = number;

/** A distribution as the file writes it, one operator at a time; lowering flattens these into posteriors. */
export type DistributionTerm =
  | { readonly kind: 'prior'; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'mixture'; readonly components: readonly TermId[]; readonly weights: readonly number[] }
  | { readonly kind: 'tempered'; readonly base: TermId; readonly exponent: number }
  | { readonly kind: 'times'; readonly base: TermId; readonly factor: TermId }
  | { readonly kind: 'subject'; readonly base: TermId; readonly moments: readonly Moment[] };

/** What checking elaborates an expression into: functions inlined, constants folded, numbers lifted. */
export type TermBody = ScoreNode | RandomNode | EventNode | DistributionTerm;

export type Term = TermBody & {
  readonly type: NodeType;
  readonly span: Span;
  /** Declared range of an extern. */
  readonly range?: Range;
  readonly label?: string;
};

export interface Terms {
  readonly list: readonly Term[];
  /** Equal bodies share a term, except that every random draw is a term of its own. */
  add(body: TermBody, type: NodeType, span: Span, range?: Range): TermId;
  /** Names a term unless it has a name. */
  label(id: TermId, name: string): void;
  /** How many random draws there are so far. */
  draws(): number;
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return `number ${value}`;
  return value;
}

/** Moments carry places, which say nothing of what they mean. */
function keyOf(body: TermBody): string {
  if (body.kind !== 'subject') return JSON.stringify(body, replacer);
  return JSON.stringify({ ...body, moments: body.moments.map((m) => [m.of, m.relation, m.value]) }, replacer);
}

export function createTerms(): Terms {
  const list: Term[] = [];
  const known = new Map<string, TermId>();
  let draws = 0;
  return {
    list,
    add(body, type, span, range) {
      const draw = body.kind === 'ensemble' || body.kind === 'gaussian';
      const key = draw ? '' : keyOf(body) + (range ? JSON.stringify(range, replacer) : '');
      const seen = draw ? undefined : known.get(key);
      if (seen !== undefined) return seen;
      if (draw) draws++;
      const id = list.length;
      list.push({ ...body, type, span, ...(range ? { range } : {}) });
      if (!draw) known.set(key, id);
      return id;
    },
    label(id, name) {
      if (list[id].label === undefined) list[id] = { ...list[id], label: name };
    },
    draws: () => draws,
  };
}
