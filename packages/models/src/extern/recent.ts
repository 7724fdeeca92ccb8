/** Values of the texts that were asked for last, at most twice `most` of them; none for 0. */
export class Recent {
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(private readonly most: number) {}

  get(text: string): number | undefined {
    const value = this.#young.get(text);
    if (value !== undefined) return value;
    const older = this.#old.get(text);
    if (older !== undefined) this.set(text, older);
    return older;
  }

  set(text: string, value: number): void {
    if (this.most === 0) return;
    if (this.#young.size >= this.most) [this.#old, this.#young] = [this.#young, new Map<string, number>()];
    this.#young.set(text, value);
  }
}
