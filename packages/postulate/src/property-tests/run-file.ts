import { hasErrors, PostError, type Property } from '@postulate/graph';
import { createModels } from '@postulate/models';
import { builtInLaws, Coverage, runProperties, type LawsOf } from '@postulate/testing';
import { asPostError } from '../cli/failure.ts';
import type { Terminal } from '../cli/terminal.ts';
import { compileFile } from '../project/compiled.ts';
import type { FileResult, TestResult } from './results.ts';

export interface TestSettings {
  readonly params: Readonly<Record<string, number>>;
  readonly allowExtern: boolean;
  readonly grep: RegExp | undefined;
  readonly seed: string;
  readonly runs: number | undefined;
  readonly draws: number | undefined;
  readonly errorRate: number | undefined;
  readonly timeLimit: number | undefined;
  readonly laws: boolean;
  readonly signal: AbortSignal;
}

function lawResult({ posterior, context, reports }: LawsOf, milliseconds: number): TestResult {
  const broken = reports.filter((r) => !r.holds);
  const checked = reports.reduce((sum, r) => sum + r.checked, 0);
  const where = context === '' ? posterior : `${posterior} (${context})`;
  return {
    name: `laws of ${where}`,
    kind: 'law',
    status: broken.length === 0 ? 'holds' : 'fails',
    reason:
      broken.length === 0
        ? `${reports.length} laws, ${checked} cases`
        : broken.map((r) => `${r.law}: ${r.counterexample ?? 'broken'}`).join('; '),
    milliseconds,
  };
}

/** Runs the properties of one file, and the laws where they are asked for. Nothing is thrown but for an interrupt. */
export async function testFile(
  path: string,
  settings: TestSettings,
  terminal: Terminal,
  onResult: (result: TestResult) => void = () => undefined,
): Promise<FileResult> {
  const start = performance.now();
  const results: TestResult[] = [];
  const add = (r: TestResult): void => {
    results.push(r);
    onResult(r);
  };
  const done = (more: Partial<FileResult> = {}): FileResult => ({
    file: path === '-' ? '<stdin>' : path,
    results,
    skipped: 0,
    milliseconds: performance.now() - start,
    ...more,
  });
  try {
    const compiled = await compileFile(path, { set: settings.params });
    const { graph, diagnostics, sources } = compiled.compilation;
    terminal.sources.set(compiled.name, compiled.text);
    for (const [name, text] of sources) terminal.sources.set(name, text);
    if (graph === undefined || hasErrors(diagnostics)) throw new PostError(diagnostics);
    const models = createModels({
      directory: compiled.directory,
      allowExtern: settings.allowExtern,
      onProgress: (message) => terminal.status(message),
      onWarning: () => undefined,
    });
    const coverage = new Coverage(graph);
    const wanted = (p: Property): boolean => settings.grep?.test(p.name) ?? true;
    const { runs, seed, draws, errorRate, timeLimit, signal } = settings;
    const options = { runs, seed, draws, errorRate, timeLimit, signal, coverage };
    for await (const found of runProperties(graph, models, options, wanted)) {
      const about = { name: found.property, kind: 'property', milliseconds: found.milliseconds } as const;
      if ('error' in found)
        add({ ...about, status: 'error', reason: found.error.diagnostics[0].message, error: found.error }); // prettier-ignore
      else add({ ...about, status: found.verdict, reason: found.reason, outcome: found });
    }
    if (settings.laws) {
      let before = performance.now();
      for await (const laws of builtInLaws(graph, models, { seed })) {
        add(lawResult(laws, performance.now() - before));
        before = performance.now();
        signal.throwIfAborted();
      }
    }
    const pointwise = graph.properties.some((p) => wanted(p) && p.forall !== undefined);
    const skipped = graph.properties.filter((p) => !wanted(p)).length;
    return done({ skipped, ...(pointwise ? { coverage: coverage.report() } : {}) });
  } catch (error) {
    if (settings.signal.aborted) throw error;
    return done({ error: asPostError(error) });
  }
}
