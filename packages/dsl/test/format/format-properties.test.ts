import fc from 'fast-check';
import { expect, it } from 'vitest';
import { format } from '../../src/format/format.ts';
import { parse } from '../../src/syntax/parse.ts';
import { sourceArbitrary, statementsOf, withoutSpans } from '../arbitraries/program.ts';

/** 10,000 programs; the slow variant looks at ten times as many. */
const RUNS = { numRuns: process.env['POSTULATE_SLOW'] ? 100_000 : 10_000, seed: 20260101 };

const comments = (text: string): readonly string[] =>
  parse(text, 't').program.comments.map((c) => c.text.replace(/\r\n?/g, '\n'));

it('formats generated programs idempotently, keeping the tree and every comment', () => {
  fc.assert(
    fc.property(sourceArbitrary, ({ statements, text }) => {
      const parsed = parse(text, 't');
      expect(parsed.diagnostics).toEqual([]);
      expect(withoutDocs(statementsOf(parsed.program))).toEqual(statements);
      const once = format(text, 't').value ?? '';
      expect(format(once, 't').value).toBe(once);
      expect(statementsOf(parse(once, 't').program)).toEqual(statementsOf(parsed.program));
      expect([...comments(once)].sort()).toEqual([...comments(text)].sort());
    }),
    RUNS,
  );
});

function withoutDocs<S extends { readonly doc?: string }>(statements: readonly S[]): readonly Omit<S, 'doc'>[] {
  return statements.map(({ doc: _, ...rest }) => withoutSpans(rest) as Omit<S, 'doc'>);
}
