import type { ArithmeticOperator, ComparisonOperator, NodeId, ScoreFunction } from './graph.ts';
import type { Span } from './span.ts';

/**
 * What a property says, as a tree over the nodes of the graph: numbers and truth values that depend on the texts of a
 * `forall` or on whole distributions. `Ref` is a node once lowered.
 */
export type Claim<Ref = NodeId> =
  | { readonly kind: 'number'; readonly value: number; readonly param?: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A score or event at a text of the `forall`; `log_density(d, x)` is the score `log_prob(d)` at x. */
  | { readonly kind: 'at'; readonly node: Ref; readonly text: string }
  /** Unnormalised density of the distribution over the density of its prior, at a text. */
  | { readonly kind: 'ratio'; readonly distribution: Ref; readonly text: string }
  /** Expected value of a score, probability of an event. */
  | { readonly kind: 'mean'; readonly of: Ref; readonly under: Ref }
  /** Of the normalised distributions; nats for KL. */
  | { readonly kind: 'divergence'; readonly fn: 'KL' | 'TV'; readonly left: Ref; readonly right: Ref }
  | { readonly kind: 'functional'; readonly fn: 'entropy' | 'logZ'; readonly of: Ref }
  | {
      readonly kind: 'arithmetic';
      readonly op: ArithmeticOperator;
      readonly left: Claim<Ref>;
      readonly right: Claim<Ref>;
    }
  | { readonly kind: 'negate' | 'not'; readonly of: Claim<Ref> }
  | { readonly kind: 'apply'; readonly fn: ScoreFunction; readonly args: readonly Claim<Ref>[] }
  | {
      readonly kind: 'choose';
      readonly condition: Claim<Ref>;
      readonly then: Claim<Ref>;
      readonly else: Claim<Ref>;
    }
  | {
      readonly kind: 'compare';
      readonly op: ComparisonOperator;
      readonly left: Claim<Ref>;
      readonly right: Claim<Ref>;
      readonly span?: Span;
    }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Claim<Ref>[] }
  | { readonly kind: 'implies'; readonly left: Claim<Ref>; readonly right: Claim<Ref> };

export type ClaimKind = Claim['kind'];

/** A `property` of the file. */
export interface Property<Ref = NodeId> {
  readonly name: string;
  readonly span?: Span;
  /** Names of the texts that `forall` binds, in order; `in` is the distribution whose support they range over. */
  readonly forall?: { readonly texts: readonly string[]; readonly in?: Ref };
  /** True or false. */
  readonly claim: Claim<Ref>;
}

/** The claims that a claim is made of, in order. */
export function parts<Ref>(claim: Claim<Ref>): readonly Claim<Ref>[] {
  switch (claim.kind) {
    case 'number':
    case 'boolean':
    case 'at':
    case 'ratio':
    case 'mean':
    case 'divergence':
    case 'functional':
      return [];
    case 'arithmetic':
    case 'compare':
    case 'implies':
      return [claim.left, claim.right];
    case 'negate':
    case 'not':
      return [claim.of];
    case 'apply':
      return claim.args;
    case 'choose':
      return [claim.condition, claim.then, claim.else];
    case 'and':
    case 'or':
      return claim.of;
    default:
      return claim satisfies never;
  }
}

/** A claim and everything in it, outermost first. */
export function* claimsIn<Ref>(claim: Claim<Ref>): Iterable<Claim<Ref>> {
  yield claim;
  for (const part of parts(claim)) yield* claimsIn(part);
}

/** What a claim refers to. */
export function referencesOf<Ref>(claim: Claim<Ref>): readonly Ref[] {
  return [...claimsIn(claim)].flatMap((c): readonly Ref[] => {
    switch (c.kind) {
      case 'at':
        return [c.node];
      case 'ratio':
        return [c.distribution];
      case 'mean':
        return [c.of, c.under];
      case 'divergence':
        return [c.left, c.right];
      case 'functional':
        return [c.of];
      default:
        return [];
    }
  });
}

/** The same claim about other references. */
export function mapClaim<A, B>(claim: Claim<A>, f: (ref: A) => B): Claim<B> {
  const go = (c: Claim<A>): Claim<B> => mapClaim(c, f);
  switch (claim.kind) {
    case 'number':
    case 'boolean':
      return claim;
    case 'at':
      return { ...claim, node: f(claim.node) };
    case 'ratio':
      return { ...claim, distribution: f(claim.distribution) };
    case 'mean':
      return { ...claim, of: f(claim.of), under: f(claim.under) };
    case 'divergence':
      return { ...claim, left: f(claim.left), right: f(claim.right) };
    case 'functional':
      return { ...claim, of: f(claim.of) };
    case 'arithmetic':
      return { ...claim, left: go(claim.left), right: go(claim.right) };
    case 'compare':
      return { ...claim, left: go(claim.left), right: go(claim.right) };
    case 'implies':
      return { ...claim, left: go(claim.left), right: go(claim.right) };
    case 'negate':
    case 'not':
      return { kind: claim.kind, of: go(claim.of) };
    case 'apply':
      return { ...claim, args: claim.args.map(go) };
    case 'choose':
      return { ...claim, condition: go(claim.condition), then: go(claim.then), else: go(claim.else) };
    case 'and':
    case 'or':
      return { kind: claim.kind, of: claim.of.map(go) };
    default:
      return claim satisfies never;
  }
}
