// Runs `post`, which it builds first where the build is missing or older than a source.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { command, isStale, root } from './stale.mjs';

if (isStale()) {
  const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: ['ignore', 2, 2] });
  if (build.status !== 0) process.exit(build.status ?? 3);
}
// pnpm runs scripts in the workspace root; paths on the command line are the caller's.
const cwd = process.env.INIT_CWD ?? process.cwd();
const words = process.argv[2] === '--' ? process.argv.slice(3) : process.argv.slice(2);
// Ctrl-C reaches the child too, which knows what to keep; this process waits for it.
process.on('SIGINT', () => undefined);
const run = spawnSync(process.execPath, [command, ...words], { stdio: 'inherit', cwd });
if (run.signal !== null) process.kill(process.pid, run.signal);
process.exit(run.status ?? 3);
