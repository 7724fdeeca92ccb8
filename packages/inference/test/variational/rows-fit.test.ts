import { expect, it } from 'vitest';
import type { TextBatch } from '@postulate/models';
import { insistRowsFit } from '../../src/variational/index.ts';

const batchOf = (size: number, tokens: number, vocabulary: number): TextBatch =>
  ({
    size,
    offsets: Int32Array.from({ length: size + 1 }, (_, i) => i * tokens),
    finished: new Uint8Array(size),
    vocabulary: { size: vocabulary },
  }) as TextBatch;

it('full rows are kept up to 40 million numbers, and the refusal says what batch would do', () => {
  expect(() => insistRowsFit(batchOf(100, 10, 39_999), 'control')).not.toThrow();
  expect(() => insistRowsFit(batchOf(101, 10, 39_999), 'control')).toThrow(
    'control keeps 40400000 numbers for 101 texts, 40000000 at most',
  );
});
