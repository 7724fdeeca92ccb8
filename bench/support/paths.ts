import { join } from 'node:path';

/** Root of the checkout; `scripts/bench.mjs` says where it is, since this code runs from a bundle. */
export const root = process.env.POSTULATE_BENCH_ROOT ?? process.cwd();
export const data = join(root, 'bench', 'data');
/** The built `post` command. */
export const command = join(root, 'packages', 'postulate', 'dist', 'cli.js');
