import type { Capability, Diagnostic, NodeId, Range, Span } from '@postulate/graph';
import type { DecodeSession, LanguageModel, LinearClassifier, TextBatch, TokenMachine } from '@postulate/models';

/** Why a machine cannot be had, in words that fit after "because". */
export interface NoMachine {
  readonly reason: string;
}

/** A function Text → ℝ of the file, bound. Events have the values 0 and 1. */
export interface BoundFunction {
  readonly name: string;
  readonly kind: 'score' | 'event';
  /** Range refined with the prior's `maxTokens` and vocabulary. */
  readonly range: Range;
  values(batch: TextBatch): Float64Array | Promise<Float64Array>;
  /** Built on first use and kept. */
  machine(): TokenMachine | NoMachine;
}

/** log φ(x) = power · log prior(x) + the machine's value, with the prior of the target. */
export interface PriorPower {
  readonly power: number;
  readonly machine: TokenMachine;
}

/** One factor φ of a posterior, in logs: nats, `-Infinity` legal. */
export interface Factor {
  readonly label: string;
  readonly node: NodeId | undefined;
  readonly span?: Span | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  /** Proved upper bound of log φ, from the range; `Infinity` where there is none. */
  readonly logUpperBound: number;
  /** log φ of each sequence. Throws P700/P703 naming the factor and the text for NaN and `+inf`. */
  logWeights(batch: TextBatch): Float64Array | Promise<Float64Array>;
  /** A machine whose value is log φ. */
  machine(): TokenMachine | NoMachine;
  /**
   * Where φ has a power of the target's own prior in it, which is a change of that prior's table and no automaton of
   * its size.
   */
  readonly ofPrior?: () => PriorPower | NoMachine;
  /** φ = Σ weightₖ · exp(parts[k]) with weights ≥ 0, where only such a sum is regular or additive (`mean(exp(R))`). */
  readonly parts?: readonly { readonly weight: number; machine(): TokenMachine | NoMachine }[];
  /** Densities of language models that φ is a product of, token by token; `whole` where it is nothing else but a constant. */
  readonly densities?: { readonly parts: readonly DensityPart[]; readonly whole: boolean } | undefined;
}

/** The density of a language model raised to a power; its sessions have the tokens of the target's prior. */
export interface DensityPart {
  readonly power: number;
  open(batch: number): DecodeSession;
}

export interface BoundMoment {
  readonly function: BoundFunction;
  readonly relation: '=' | '<=' | '>=';
  readonly value: number;
  readonly span?: Span | undefined;
}

/** Strings and classifiers whose presence raises the factors of a target. */
export interface Attributes {
  /** One list for each place in the factors, any string of which will do. Read when asked for. */
  words(): Promise<readonly (readonly string[])[]>;
  readonly classifiers: readonly LinearClassifier[];
}

/**
 * What an engine approximates: γ(x) = prior(x) · Π φ(x), and where there are moments
 * γ(x) = prior(x) · Π φ(x) · exp(Σ λᵢ fᵢ(x)) with λ to be fitted. The moments of an inner posterior come first in `stages`.
 */
export interface Target {
  readonly name: string;
  readonly graphHash: string;
  /** Values of the context variables; empty where the file has none. */
  readonly context: Readonly<Record<string, string>>;
  readonly prior: LanguageModel;
  /**
   * Stage by stage: the factors of a stage multiply what came before, then its moments are imposed on the result.
   * Without moments there is one stage.
   */
  readonly stages: readonly { readonly factors: readonly Factor[]; readonly moments: readonly BoundMoment[] }[];
  /** Every named score and event of the file, to report expectations of. */
  readonly named: readonly BoundFunction[];
  /** What the factors say of how they can be raised, for engines that aim at it. */
  readonly attributes?: Attributes;
  /** What binding could do only approximately; every result repeats it. */
  readonly warnings?: readonly Diagnostic[];
}
