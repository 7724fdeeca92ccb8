import { type Claim, formatRange, type Range } from '@postulate/graph';
import type { Constant } from '../registry/constants.ts';
import type { Builtin } from '../registry/types.ts';
import type { Entity } from './entities.ts';
import type { TermId } from './terms.ts';

/** What the file says about the texts of a distribution; `undefined` where only binding can tell. */
export interface TextShape {
  readonly family: 'tabular' | 'table' | 'neural' | 'unknown';
  readonly maxTokens?: number;
  readonly separator?: string;
  readonly tokens?: ReadonlySet<string>;
}

export type ScoreValue = { readonly kind: 'score'; readonly term: TermId; readonly range: Range };
export type EventValue = { readonly kind: 'event'; readonly term: TermId };
export type RandomValue = {
  readonly kind: 'random';
  readonly term: TermId;
  readonly range: Range;
  /** Where the expected value lies. */
  readonly mean: Range;
  /** Has an `exp` been applied: then another one is refused. */
  readonly exponential: boolean;
};
export type DistributionValue = {
  readonly kind: 'distribution';
  readonly term: TermId;
  readonly shape: TextShape;
  /** A prior or a mixture of priors. */
  readonly normalised: boolean;
  /** Every factor so far is the same positive constant for all texts, and there are no moments. */
  readonly trivial: boolean;
};
/** A number or truth value of a property: it depends on texts or on distributions. */
export type ObservedValue = {
  readonly kind: 'observed';
  readonly of: 'number' | 'boolean';
  readonly range: Range;
  readonly claim: Claim<TermId>;
};

/** The value of an expression as far as checking knows it: its type, its range and the term it stands for. */
export type Value =
  | Constant
  | ScoreValue
  | EventValue
  | RandomValue
  | DistributionValue
  | ObservedValue
  | { readonly kind: 'text'; readonly name: string }
  | { readonly kind: 'function'; readonly entity: Entity }
  | { readonly kind: 'builtin'; readonly builtin: Builtin }
  /** Something is wrong here and has been reported; silences what follows from it. */
  | { readonly kind: 'error' };

export type ValueOf<K extends Value['kind']> = Extract<Value, { readonly kind: K }>;

export const ERROR: Value = { kind: 'error' };

const CONSTANT_KINDS = new Set(['number', 'string', 'boolean', 'list', 'record', 'data', 'context']);

export const isConstant = (v: Value): v is Constant => CONSTANT_KINDS.has(v.kind);

const formatNumber = (x: number): string => (Number.isFinite(x) ? String(x) : x > 0 ? 'inf' : '-inf');

/** Name of the type alone. */
export function typeName(v: Value): string {
  switch (v.kind) {
    case 'number':
      return 'Number';
    case 'string':
    case 'context':
      return 'String';
    case 'boolean':
      return 'Bool';
    case 'list':
    case 'data':
      return 'List';
    case 'record':
      return 'Record';
    case 'text':
      return 'Text';
    case 'score':
      return 'Score';
    case 'event':
      return 'Event';
    case 'random':
      return 'RandomScore';
    case 'distribution':
      return 'Distribution';
    case 'observed':
      return v.of === 'number' ? 'Number' : 'Bool';
    case 'function':
    case 'builtin':
      return 'function';
    case 'error':
      return 'error';
    default:
      return v satisfies never;
  }
}

/** `lies in [0, inf)`, or `is 2` where the range is one number. */
export function liesIn(r: Range): string {
  return r.lo === r.hi ? `is ${formatNumber(r.lo)}` : `lies in ${formatRange(r)}`;
}

/** A noun phrase for messages: `a Score in [0, inf)`. */
export function describe(v: Value): string {
  const name = typeName(v);
  const article = /^[AEIO]/.test(name) ? 'an' : 'a';
  if (v.kind === 'number' && v.range.lo < v.range.hi) return `a Number in ${formatRange(v.range)}`;
  if (v.kind === 'number') return `the Number ${formatNumber(v.value)}`;
  if (v.kind === 'score' || v.kind === 'random') return `${article} ${name} in ${formatRange(v.range)}`;
  if (v.kind === 'observed') return `${article} ${name} that is only known in a property`;
  return `${article} ${name}`;
}
