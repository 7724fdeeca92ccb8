import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { JournalFile } from '../src/run-folder/journal.ts';

const scratch = mkdtempSync(join(tmpdir(), 'post-journal-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the journal of chunks', () => {
  it('keeps what it is given, whole, by member, index and input', () => {
    const path = join(scratch, 'journal.bin');
    const result = { tokens: Int32Array.of(1, 2), logs: Float64Array.of(-Infinity, NaN, 0.1), batches: [{ n: 1 }] };
    const journal = new JournalFile(path);
    journal.keep(0, 3, undefined, result);
    journal.keep(1, 3, undefined, 'other');
    journal.keep(0, 3, { from: 2 }, 'with an input');
    journal.keep(0, 3, undefined, 'too late');
    journal.close();
    copyFileSync(path, `${path}.copy`);
    const again = new JournalFile(path);
    expect(again.size).toBe(3);
    expect(again.find(0, 3, undefined)).toEqual({ result });
    expect(again.find(1, 3, undefined)).toEqual({ result: 'other' });
    expect(again.find(0, 3, { from: 2 })).toEqual({ result: 'with an input' });
    expect(again.find(0, 3, { from: 3 })).toBeUndefined();
    expect(again.find(0, 4, undefined)).toBeUndefined();
    again.close();
  });

  it('survives being cut at any byte, and a flipped bit, with the chunks before it', () => {
    const bytes = readFileSync(join(scratch, 'journal.bin.copy'));
    const path = join(scratch, 'cut.bin');
    const sizeOf = (content: Buffer): number => {
      writeFileSync(path, content);
      const journal = new JournalFile(path);
      const { size } = journal;
      journal.keep(9, 9, undefined, 'more');
      journal.close();
      const after = new JournalFile(path);
      expect(after.size).toBe(size + 1);
      expect(after.find(9, 9, undefined)).toEqual({ result: 'more' });
      after.close();
      return size;
    };
    const sizes = Array.from({ length: bytes.length + 1 }, (_, n) => sizeOf(bytes.subarray(0, n)));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes)).toEqual(new Set([0, 1, 2, 3]));
    for (let at = 19; at < bytes.length; at += 3) {
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 1;
      expect(sizeOf(flipped)).toBeLessThan(3);
    }
  });
});
