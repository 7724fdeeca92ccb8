// Bundles the `post` command and the library, with its types, into packages/postulate/dist. `--if-stale` does so only where it is needed.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXTERNAL } from './external.mjs';
import { isStale, root } from './stale.mjs';

if (process.argv.includes('--if-stale') && !isStale()) process.exit(0);

const { build } = await import('esbuild');
const { declarations } = await import('./declarations.mjs');
const front = join(root, 'packages', 'postulate');
const dist = join(front, 'dist');

const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: {
    cli: join(front, 'src/cli.ts'),
    index: join(front, 'src/index.ts'),
    testing: join(front, 'src/testing.ts'),
    worker: join(front, 'src/workers/worker.ts'),
  },
  outdir: dist,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['source'],
  external: EXTERNAL,
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
  write: false,
});

/** Never leaves a half-written file behind: others may be running the command. */
function put(path, text, mode) {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, path);
}

const types = new Map([...declarations()].map(([path, text]) => [join(dist, 'types', path), text]));
for (const [path, text] of types) put(path, text, 0o644);

const isCommand = (file) => file.path === join(dist, 'cli.js');
const ordered = [...outputFiles].sort((a, b) => Number(isCommand(a)) - Number(isCommand(b)));
for (const file of ordered) {
  if (isCommand(file)) put(file.path, `#!/usr/bin/env node\n${file.text}`, 0o755);
  else put(file.path, file.text, 0o644);
}
/** Models that come with the program lie beside its code. */
const models = join(root, 'packages', 'models');
const MODELS = ['tiny-english'];
const copied = MODELS.flatMap((name) => readdirSync(join(models, name)).map((file) => join(name, file)));
for (const file of copied) put(join(dist, file), readFileSync(join(models, file)), 0o644);

const current = new Set([
  ...copied.map((file) => join(dist, file)),
  ...outputFiles.map((file) => file.path),
  ...types.keys(),
]);
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && !current.has(path) && !/\.\d+$/.test(path)) rmSync(path, { force: true });
}

const bytes = outputFiles.reduce((sum, file) => sum + file.contents.length, 0);
console.error(
  `built packages/postulate/dist: ${outputFiles.length} files, ${Math.round(bytes / 1024)} kB, and ${types.size} of types`,
);
