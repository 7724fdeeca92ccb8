import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../../../testing/test/slow.ts';
import { format } from '../../src/format/format.ts';
import type { Program } from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/parse.ts';
import { sourceArbitrary, statementsOf } from '../arbitraries/program.ts';

/** 10,000 programs in the slow variant. */
const RUNS = { numRuns: runs(2_500, 10_000), seed: 20260101 };

/** `toEqual` is slow on ten thousand trees; it is asked only to show a difference. */
function same(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

const comments = (program: Program): readonly string[] =>
  program.comments.map((c) => c.text.replace(/\r\n?/g, '\n')).sort();

it('formats generated programs idempotently, keeping the tree and every comment', () => {
  fc.assert(
    fc.property(sourceArbitrary, ({ statements, text }) => {
      const { program, diagnostics } = parse(text, 't');
      same(diagnostics, []);
      const bare = statementsOf(program);
      same(
        bare.map(({ doc: _, ...statement }) => statement),
        statements,
      );
      const once = format(text, 't').value ?? '';
      same(format(once, 't').value, once);
      const again = parse(once, 't').program;
      same(statementsOf(again), bare);
      same(comments(again), comments(program));
    }),
    RUNS,
  );
});
