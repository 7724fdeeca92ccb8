import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './helpers/command.ts';

const FRONT = join(root, 'packages', 'postulate');

/** A program that says of every type it uses what it is; `any` would leave an `@ts-expect-error` unused. */
const PROGRAM = `
import { load, PostError, VERSION, type Model, type Result, type TextDraw } from 'postulate';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(is: Same<A, B>): void => void is;

const model: Model = await load('model.post', { params: { beta: 0.5 } });
const other = await load.source('prior = tabular({ "a": 1 })');
same<typeof model, typeof other>(true);
same<typeof VERSION extends string ? true : false, true>(true);
const result: Result = await model.posterior().run({ engine: 'exact', n: 5, onProgress: (p) => p.phase.length });
same<typeof result.logZ extends { value: infer V } | null ? V : never, number>(true);
same<(typeof result.draws)[number], TextDraw>(true);
same<(typeof result.warnings)[number]['code'], import('postulate').Diagnostic['code']>(true);
same<(typeof model.graph.nodes)[number]['kind'] extends string ? true : false, true>(true);
for await (const draw of model.posterior('p').sample({ seed: '1' })) same<typeof draw, TextDraw>(true);
try {
  throw new Error();
} catch (e) {
  if (e instanceof PostError) same<typeof e.code extends string ? true : false, true>(true);
}
// @ts-expect-error
await load(5);
// @ts-expect-error
await load('model.post', { params: { beta: 'low' } });
// @ts-expect-error
result.logZ.value;
// @ts-expect-error
result.draws[0].tokens.push('a');
// @ts-expect-error
model.posterior(7);
// @ts-expect-error
model.nothing;
// @ts-expect-error
model.graph.nodes[0].kind === 'no such kind';
// @ts-expect-error
result.diagnostics.modelCalls.toUpperCase();
`;

let folder: string;
let installed: string;

/** Type errors of a program that stands beside the installed package, with the declarations themselves checked. */
function errorsOf(program: string): readonly string[] {
  const file = join(folder, 'consumer.ts');
  writeFileSync(file, program);
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipDefaultLibCheck: true, types: [], lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'] },
    ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext },
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options));
  return found.map((d) => `${d.file?.fileName ?? ''} ${ts.flattenDiagnosticMessageText(d.messageText, '\n')}`);
}

beforeAll(() => {
  // The build may be older than what is tested here.
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale'], { encoding: 'utf8' });
  expect(built.status, built.stderr).toBe(0);
  folder = mkdtempSync(join(tmpdir(), 'postulate-types-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  installed = join(folder, 'node_modules', 'postulate');
  mkdirSync(installed, { recursive: true });
  // What a package is made of is its `files` and its package.json.
  const { files } = JSON.parse(readFileSync(join(FRONT, 'package.json'), 'utf8')) as { files: readonly string[] };
  for (const name of [...files, 'package.json']) cpSync(join(FRONT, name), join(installed, name), { recursive: true });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the types of the built package, outside of the workspace', () => {
  it('are those that a program relies on', () => {
    expect(errorsOf(PROGRAM)).toEqual([]);
  });

  it('are seen: a wrong program and a broken declaration are errors', () => {
    expect(errorsOf(`import { load } from 'postulate';\nconst n: number = await load('a.post');\n`)).toEqual([
      expect.stringContaining("is not assignable to type 'number'"),
    ]);
    const file = join(installed, 'dist', 'types', 'postulate', 'api', 'types.d.ts');
    const text = readFileSync(file, 'utf8');
    const broken = text.replace('readonly draws: readonly TextDraw[]', 'readonly draws: any');
    expect(broken).not.toBe(text);
    writeFileSync(file, broken);
    expect(errorsOf(PROGRAM)).not.toEqual([]);
    writeFileSync(file, text);
  });
});
