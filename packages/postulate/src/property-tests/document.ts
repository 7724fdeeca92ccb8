import { positionAt, type Span } from '@postulate/graph';
import { diagnosticDocument } from '../cli/diagnostics.ts';
import { countsOf, type FileResult, type TestResult } from './results.ts';

type Sources = ReadonlyMap<string, string>;

function line(span: Span | undefined, sources: Sources): number | null {
  const text = span && sources.get(span.source);
  return span === undefined || text === undefined ? null : positionAt(text, span.start).line;
}

function resultDocument(r: TestResult, sources: Sources) {
  const { outcome: o, error } = r;
  return {
    name: r.name,
    kind: r.kind,
    status: r.status,
    reason: r.reason,
    milliseconds: Math.round(r.milliseconds),
    ...(o === undefined
      ? {}
      : {
          line: line(o.span, sources),
          runs: o.runs,
          ...(o.context === undefined ? {} : { context: o.context }),
          ...(o.errorRate === undefined ? {} : { errorRate: o.errorRate }),
          ...(o.figures === undefined ? {} : { figures: o.figures }),
          ...(o.counterexample === undefined ? {} : { counterexample: o.counterexample }),
        }),
    ...(error === undefined ? {} : { diagnostics: error.diagnostics.map((d) => diagnosticDocument(d, sources)) }),
  };
}

/** What `post test --json` prints. */
export function testDocument(files: readonly FileResult[], seed: string, passed: boolean, sources: Sources) {
  return {
    passed,
    seed,
    counts: countsOf(files),
    files: files.map((f) => ({
      file: f.file,
      milliseconds: Math.round(f.milliseconds),
      skipped: f.skipped,
      ...(f.error === undefined
        ? {}
        : {
            error: {
              code: f.error.code,
              message: f.error.diagnostics[0]?.message ?? f.error.message,
              diagnostics: f.error.diagnostics.map((d) => diagnosticDocument(d, sources)),
            },
          }),
      properties: f.results.map((r) => resultDocument(r, sources)),
      ...(f.coverage === undefined
        ? {}
        : {
            coverage: {
              both: f.coverage.both,
              parts: f.coverage.parts.map((p) => ({
                what: p.what,
                text: p.text,
                line: line(p.span, sources),
                yes: p.yes,
                no: p.no,
              })),
            },
          }),
    })),
  };
}
