import fc from 'fast-check';
import type { TokenText } from '../arbitraries/texts.ts';
import type { SequenceSpace } from '../laws/sequences.ts';
import { shorter } from '../shrink/candidates.ts';
import { caseVariants, resegmented } from './edge-texts.ts';
import { mutated, type Mutator } from './mutations.ts';
import type { Pool, Pools } from './pools.ts';

/** Share of texts taken as they are; the others are changed a little. */
const UNTOUCHED = 0.55;
/** Of those changed, the share that is another token sequence for the same string, where there is one. */
const RESEGMENTED = 0.15;

/** Texts from pools and their mutations. Shrinks by leaving tokens out, so that a smallest one cannot lose any. */
export class TextArbitrary extends fc.Arbitrary<TokenText> {
  private readonly total: number;
  private readonly variants: ReadonlyMap<number, readonly number[]>;
  private readonly ids: ReadonlyMap<string, number>;

  constructor(
    private readonly space: SequenceSpace,
    private readonly source: Pools,
  ) {
    super();
    this.total = source.pools.reduce((sum, p) => sum + p.weight, 0);
    this.variants = caseVariants(space.vocabulary);
    this.ids = new Map(space.vocabulary.tokens.map((t, i) => [t, i]));
  }

  private pool(mrng: fc.Random): Pool {
    let left = mrng.nextDouble() * this.total;
    return this.source.pools.find((p) => (left -= p.weight) < 0) ?? this.source.pools[0];
  }

  private pick(mrng: fc.Random): TokenText {
    const { texts } = this.pool(mrng);
    return texts[mrng.nextInt(0, texts.length - 1)];
  }

  private mutator(mrng: fc.Random): Mutator {
    const { tokens } = this.source;
    const { size } = this.space.vocabulary;
    const below = (n: number): number => (n <= 1 ? 0 : mrng.nextInt(0, n - 1));
    return {
      maxTokens: this.space.maxTokens,
      below,
      token: () => (tokens.length > 0 && below(5) > 0 ? tokens[below(tokens.length)] : below(size)),
      variants: (token) => this.variants.get(token) ?? [],
      other: () => this.pick(mrng),
    };
  }

  /** A text near another one. */
  near(text: TokenText, mrng: fc.Random): TokenText {
    const { vocabulary, maxTokens } = this.space;
    if (vocabulary.size === 0) return text;
    const m = this.mutator(mrng);
    if (mrng.nextDouble() < RESEGMENTED) {
      const choose = { choose: (w: ArrayLike<number>) => m.below(w.length), split: () => choose };
      const split = resegmented(vocabulary, this.ids, vocabulary.tokens, text, maxTokens, choose);
      if (split) return split;
    }
    return mutated(text, m);
  }

  draw(mrng: fc.Random): TokenText {
    const text = this.pick(mrng);
    return mrng.nextDouble() < UNTOUCHED ? text : this.near(text, mrng);
  }

  override generate(mrng: fc.Random): fc.Value<TokenText> {
    return new fc.Value(this.draw(mrng), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is TokenText {
    return typeof value === 'object' && value !== null && 'tokens' in value;
  }

  override shrink(value: TokenText): fc.Stream<fc.Value<TokenText>> {
    return fc.Stream.of(...shorter(value, this.space.maxTokens).map((t) => new fc.Value(t, undefined)));
  }
}

/** Several texts at once, as often as not close to each other: near ties are where definitions disagree. */
export class TextsArbitrary extends fc.Arbitrary<readonly TokenText[]> {
  constructor(
    private readonly one: TextArbitrary,
    private readonly count: number,
  ) {
    super();
  }

  override generate(mrng: fc.Random): fc.Value<readonly TokenText[]> {
    const first = this.one.draw(mrng);
    const rest = Array.from({ length: this.count - 1 }, () =>
      mrng.nextInt(0, 1) === 0 ? this.one.draw(mrng) : this.one.near(first, mrng),
    );
    return new fc.Value([first, ...rest], undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is readonly TokenText[] {
    return Array.isArray(value);
  }

  override shrink(value: readonly TokenText[]): fc.Stream<fc.Value<readonly TokenText[]>> {
    const each = value.map(
      (text, i) =>
      this.one.shrink(text).map((v) => new fc.Value(value.map((t, k) => (k === i ? v.value : t)), undefined)), // prettier-ignore
    );
    return fc.Stream.of<fc.Value<readonly TokenText[]>>().join(...each);
  }
}
