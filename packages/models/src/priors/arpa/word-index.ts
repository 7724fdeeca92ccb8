/** Words as byte strings → numbers, so that a large file is read without making a string per word. Open addressing. */
export class WordIndex {
  private arena = Buffer.alloc(1 << 16);
  private used = 0;
  private starts = new Int32Array(1024);
  private ends = new Int32Array(1024);
  private ids = new Int32Array(1024);
  private slots = new Int32Array(4096).fill(-1);
  private count = 0;

  /** The id that was stored with these bytes, or `undefined`. */
  find(bytes: Buffer, from: number, to: number): number | undefined {
    const at = this.slots[this.slotOf(bytes, from, to)];
    return at === -1 ? undefined : this.ids[at];
  }

  /** False where the word was there already. */
  add(bytes: Buffer, from: number, to: number, id: number): boolean {
    const slot = this.slotOf(bytes, from, to);
    if (this.slots[slot] !== -1) return false;
    if (this.count === this.ids.length) this.growWords();
    this.store(bytes, from, to);
    this.ids[this.count] = id;
    this.slots[slot] = this.count++;
    if (this.count * 2 > this.slots.length) this.growSlots();
    return true;
  }

  private slotOf(bytes: Buffer, from: number, to: number): number {
    const mask = this.slots.length - 1;
    let slot = hashBytes(bytes, from, to) & mask;
    for (; this.slots[slot] !== -1; slot = (slot + 1) & mask) {
      if (this.equals(this.slots[slot], bytes, from, to)) break;
    }
    return slot;
  }

  private equals(word: number, bytes: Buffer, from: number, to: number): boolean {
    const start = this.starts[word];
    if (this.ends[word] - start !== to - from) return false;
    for (let i = from, j = start; i < to; i++, j++) if (bytes[i] !== this.arena[j]) return false;
    return true;
  }

  private store(bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    if (this.used + length > this.arena.length) {
      const larger = Buffer.alloc(Math.max(this.arena.length * 2, this.used + length));
      this.arena.copy(larger, 0, 0, this.used);
      this.arena = larger;
    }
    bytes.copy(this.arena, this.used, from, to);
    this.starts[this.count] = this.used;
    this.used += length;
    this.ends[this.count] = this.used;
  }

  private growWords(): void {
    const size = this.ids.length * 2;
    const larger = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const fresh = new Int32Array(size);
      fresh.set(old);
      return fresh;
    };
    this.starts = larger(this.starts);
    this.ends = larger(this.ends);
    this.ids = larger(this.ids);
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let word = 0; word < this.count; word++) {
      let slot = hashBytes(this.arena, this.starts[word], this.ends[word]) & mask;
      while (this.slots[slot] !== -1) slot = (slot + 1) & mask;
      this.slots[slot] = word;
    }
  }
}

/** FNV-1a. */
function hashBytes(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
