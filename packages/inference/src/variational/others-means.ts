/** Shares, and what they are shares of, by key; whoever is in it can be left out again. */
export class OthersMeans {
  private readonly sums = new Map<number, { value: number; share: number }>();

  add(key: number, share: number, value: number): void {
    const known = this.sums.get(key);
    if (known === undefined) this.sums.set(key, { value: share * value, share });
    else {
      known.value += share * value;
      known.share += share;
    }
  }

  /** The mean of the others of a key; undefined where they have no share of it, or none but rounding. */
  without(key: number, share: number, value: number): number | undefined {
    const { value: sum, share: all } = this.sums.get(key)!;
    const others = all - share;
    return others > 1e-12 * all ? (sum - share * value) / others : undefined;
  }

  /** The same, drawn towards `usual` by a share of 1: a few others of small share would else speak for all of a key. */
  near(usual: number, key: number, share: number, value: number): number {
    const { value: sum, share: all } = this.sums.get(key)!;
    return (sum - share * value + usual) / (Math.max(0, all - share) + 1);
  }
}
