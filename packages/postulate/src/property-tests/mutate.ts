import { readFileSync } from 'node:fs';
import { testFiles } from './files.ts';
import { mutationScore } from './mutation.ts';

/** Share of mutants that the properties of every file must kill. */
export const REQUIRED = 0.9;

/** Prints what becomes of every mutant of the files; true where each file kills enough of its own. */
export async function mutateFiles(operands: readonly string[], print: (line: string) => void): Promise<boolean> {
  let good = true;
  for (const file of await testFiles(operands)) {
    const text = readFileSync(file, 'utf8');
    if (!/^\s*property\b/m.test(text)) continue;
    print(file);
    const { killed, total } = await mutationScore(file, text, {
      onResult: ({ mutant, fate }) => {
        const what = `line ${mutant.line}, ${mutant.kind}: ${mutant.name}`;
        if (fate.kind === 'killed') print(`  killed    ${what}   (${fate.by})`);
        else print(fate.kind === 'survived' ? `  SURVIVED  ${what}` : `  void      ${what}   (${fate.why})`);
      },
    });
    const enough = total === 0 || killed / total >= REQUIRED;
    good &&= enough;
    print(`  ${killed} of ${total} killed${enough ? '' : `: fewer than ${100 * REQUIRED}%`}`);
  }
  return good;
}
