import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * One cache of trained models for a run of the suite, so that the corpus is trained on once, and so that nothing is
 * read that another version of the code has left in the user's own cache.
 */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-cache-'));
  process.env['XDG_CACHE_HOME'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
