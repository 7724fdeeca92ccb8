import type { DiagnosticCode, Range, ScoreFunction, Span } from '@postulate/graph';
import type { Constant } from './constants.ts';

export type Family = 'priors' | 'scores' | 'score-functions' | 'events' | 'random' | 'data' | 'properties';

/** What a parameter takes. The first group are constants of the file, the second group functions of the text. */
export type ParameterType =
  | 'number'
  | 'string'
  | 'boolean'
  /** A string that names a file; rewritten when the file that says it is imported. */
  | 'path'
  /** A path or a bundled name: rewritten only if it looks like a path. */
  | 'bundled'
  /** The same, or the texts themselves as a list. */
  | 'corpus'
  | 'model'
  | 'pattern'
  /** A list of strings, written out or `wordlist(…)`, `lines(…)`, `corpus(…)`. */
  | 'strings'
  | 'numbers'
  | 'record'
  | 'rows'
  /** A file name or a record of numbers. */
  | 'lexicon'
  | 'score'
  | 'event'
  | 'random'
  | 'distribution'
  | 'text'
  /** `score | distribution` and `event | distribution`. */
  | 'expectation'
  | 'probability';

export type ConstantLiteral = string | number | boolean;

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly doc: string;
  /** Taken when the argument is left out. Without a default the argument is required unless `optional`. */
  readonly default?: ConstantLiteral;
  readonly optional?: boolean;
  /** Takes every remaining positional argument, at least `least` of them. */
  readonly variadic?: boolean;
  readonly least?: number;
  readonly namedOnly?: boolean;
  /** Code of the error where a required argument is missing; P201 if not said. */
  readonly missing?: DiagnosticCode;
  /** A sentence on what is wrong with a constant, or undefined. */
  readonly accepts?: (value: Constant) => string | undefined;
}

/** Something wrong with the constants of one call. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly span: Span;
  readonly message: string;
  readonly help?: string;
}

export type Given = ReadonlyMap<string, { readonly value: Constant; readonly span: Span }>;

export type ResultType = 'Distribution' | 'Score' | 'Event' | 'RandomScore' | 'List' | 'Number';

/** One entry of the language: the checker, the reference page, completion and the tests all read it. */
export interface Builtin {
  readonly name: string;
  readonly family: Family;
  /** A `value` is a bare name such as `length`; a `function` is called. */
  readonly form: 'value' | 'function';
  readonly parameters: readonly Parameter[];
  readonly result: ResultType;
  /** Range of the result, in words for the reference page. */
  readonly range?: string;
  /** What it means, in Markdown. */
  readonly doc: string;
  /** What an engine can do with it, in words. */
  readonly capabilities?: string;
  /** Programs that compile as they stand. */
  readonly examples: readonly string[];
  /** `later`: type-checks and lowers today, running it says what is missing (P503). */
  readonly availability: 'now' | 'later';
  readonly propertyOnly?: boolean;
  /** For pointwise functions of numbers and scores. */
  readonly pointwise?: Pointwise;
  readonly validate?: (given: Given) => readonly Problem[];
}

export interface Pointwise {
  readonly fn: ScoreFunction;
  readonly value: (args: readonly number[]) => number;
  /** Undefined outside the domain. */
  readonly range: (args: readonly Range[]) => Range | undefined;
  /** What the arguments must satisfy, for the message. */
  readonly domain?: string;
}
