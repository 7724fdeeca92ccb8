import type { Span } from '@postulate/graph';
import type { CallArgument, RecordEntry } from './ast.ts';
import type { Reporter } from './reporter.ts';
import { shorten } from './shorten.ts';

export function reportDuplicateKeys(entries: readonly RecordEntry[], reporter: Reporter): void {
  const places = entries.map((e) => ({ name: e.key, span: e.keySpan }));
  report(places, reporter, (name) => `the key \`${shorten(name)}\` is in this record already`);
}

export function reportDuplicateArguments(args: readonly CallArgument[], reporter: Reporter): void {
  const places = args.flatMap((a) => (a.name === undefined ? [] : [a.name]));
  report(places, reporter, (name) => `the argument \`${shorten(name)}\` is given already`);
}

interface Place {
  readonly name: string;
  readonly span: Span;
}

function report(places: readonly Place[], reporter: Reporter, message: (name: string) => string): void {
  const first = new Map<string, Span>();
  for (const { name, span } of places) {
    const before = first.get(name);
    if (before === undefined) first.set(name, span);
    else {
      reporter.error('P006', span.start, span.end, message(name), {
        related: [{ start: before.start, end: before.end, message: 'first given here' }],
      });
    }
  }
}
