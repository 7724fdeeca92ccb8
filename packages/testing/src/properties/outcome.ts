import type { Span } from '@postulate/graph';

export type Verdict = 'holds' | 'fails' | 'undecided';

/** One text of a counterexample. */
export interface ShownText {
  /** The name that `forall` gave it. */
  readonly name: string;
  readonly text: string;
  readonly tokens: readonly string[];
  readonly finished: boolean;
  /** log prior probability, nats. */
  readonly logPrior: number;
}

/** A part of the claim, or of a distribution, and what it is for the counterexample. */
export interface ShownPart {
  readonly text: string;
  readonly value: string;
}

/** Factors of one distribution, a value for each text. */
export interface ShownFactors {
  readonly distribution: string;
  readonly factors: readonly { readonly text: string; readonly logs: readonly number[] }[];
}

export interface Counterexample {
  readonly texts: readonly ShownText[];
  /** Why the claim fails, the part to blame last. */
  readonly because: readonly ShownPart[];
  readonly factors: readonly ShownFactors[];
  /** A likely mistake, in a sentence. */
  readonly hint?: string;
  /** The run that found it, and how many cases shrinking tried. */
  readonly foundAt: number;
  readonly shrinks: number;
}

/** A quantity of a distributional property, and what is known of it. */
export interface Figure {
  readonly text: string;
  readonly low: number;
  readonly high: number;
  /** Best guess; inside low … high. */
  readonly value: number;
  /** How it was found, in words: the exact engine, or so many draws. */
  readonly how: string;
  readonly exact: boolean;
}

/** What was found of one property. */
export interface Outcome {
  readonly property: string;
  readonly span?: Span | undefined;
  readonly verdict: Verdict;
  /** One sentence on why: a proof, a number of runs, what is missing. */
  readonly reason: string;
  /** Texts or pairs looked at. */
  readonly runs: number;
  readonly counterexample?: Counterexample;
  readonly figures?: readonly Figure[];
  /** Probability with which the verdict is wrong, and what kind of statement that is; 0 where it is exact. */
  readonly errorRate?: { readonly value: number; readonly kind: 'exact' | 'proved' | 'asymptotic' };
  /** Value of the file's context variables, where there are some. */
  readonly context?: string;
  readonly milliseconds: number;
}
