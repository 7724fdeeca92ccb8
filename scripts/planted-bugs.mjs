// Puts known mistakes into the engines, one at a time, and shows that the tests named for each fail. Every file is put
// back as it was, also on Ctrl-C. `node scripts/planted-bugs.mjs [--only TEXT]`; exit 1 if a mistake goes unnoticed.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './stale.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const all = JSON.parse(readFileSync(join(root, 'scripts', 'planted-bugs.json'), 'utf8'));
const bugs = all.filter((b) => values.only === undefined || `${b.engine}: ${b.what}`.includes(values.only));

let restore = () => undefined;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    restore();
    process.exit(130);
  });
}

/** Whether the tests pass; their output is kept for a failure that is not one of an assertion. */
function testsPass(paths) {
  const words = ['exec', 'vitest', 'run', '--bail', '1', ...paths];
  return new Promise((resolve) => {
    const child = spawn('npx', ['-y', 'pnpm@10', ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (output += d));
    child.on('exit', (code) =>
      resolve({ passed: code === 0, ran: /Tests .*\d+ (passed|failed)/.test(output), output }),
    );
  });
}

let unnoticed = 0;
for (const { engine, what, file, from, to, tests } of bugs) {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(from).length !== 2) {
    console.log(`STALE      ${engine}: ${what} (its line is not there once in ${file})`);
    unnoticed++;
    continue;
  }
  restore = () => writeFileSync(path, text);
  let result;
  try {
    writeFileSync(
      path,
      text.replace(from, () => to),
    );
    result = await testsPass(tests);
  } finally {
    restore();
    restore = () => undefined;
  }
  const caught = !result.passed && result.ran;
  if (!caught) unnoticed++;
  if (!result.ran) console.log(result.output.slice(-2000));
  console.log(`${caught ? 'caught    ' : 'UNNOTICED '} ${engine}: ${what}`);
}
console.log(`\n${bugs.length - unnoticed} of ${bugs.length} planted mistakes are caught`);
process.exit(unnoticed === 0 ? 0 : 1);
