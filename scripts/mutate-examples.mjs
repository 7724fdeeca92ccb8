// Puts slips into the programs of examples/ (or of the files and folders named) and shows which ones their properties notice.
// Exits 1 where the properties of a file kill fewer than 90% of its mutants.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { EXTERNAL } from './external.mjs';
import { root } from './stale.mjs';

// Below the front door, so that the data packages that are not bundled are found from there.
const folder = join(root, 'packages', 'postulate', 'dist');
mkdirSync(folder, { recursive: true });
const bundle = join(folder, `mutate.${process.pid}`, 'mutate.mjs');
await build({
  absWorkingDir: root,
  entryPoints: [join(root, 'packages/postulate/src/property-tests/mutate.ts')],
  outfile: bundle,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['source'],
  external: EXTERNAL,
  logLevel: 'warning',
});
try {
  const { mutateFiles } = await import(pathToFileURL(bundle).href);
  const words = process.argv.slice(2).filter((word) => word !== '--');
  const good = await mutateFiles(words.length > 0 ? words : [join(root, 'examples')], (line) => console.log(line));
  process.exitCode = good ? 0 : 1;
} finally {
  rmSync(join(bundle, '..'), { recursive: true, force: true });
}
