import { statSync } from 'node:fs';
import { usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { writeWhole } from '../cli/write-file.ts';
import { DRAWS_SHOWN, type ReportGroup } from '../report/data.ts';
import { reportOfFolders } from '../report/from-folders.ts';
import { readRunFolder, type StoredRun } from '../run-folder/read.ts';
import { VERSION } from '../version.ts';

/** Where the page goes: never over something that is a folder, such as a run named by mistake. */
function target(out: string | undefined): string {
  if (out === undefined) throw usageError('post report needs --out.', 'post report RUN… --out out.html');
  if (statSync(out, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw usageError(`--out ${out} is a folder; the page is one file.`, `--out ${out}/report.html`);
  }
  return out;
}

async function readAll(folders: readonly string[]): Promise<readonly StoredRun[]> {
  const runs: StoredRun[] = [];
  for (const folder of new Set(folders)) runs.push(await readRunFolder(folder, DRAWS_SHOWN));
  return runs;
}

const groupDocument = ({ heading, posterior, graphHash, runs }: ReportGroup) => ({
  heading,
  posterior,
  graphHash,
  runs: runs.map((r) => ({ label: r.label, verdict: r.diagnostics.verdict, draws: r.drawn })),
});

/** `post report`: runs that were kept in folders, on one page. */
export async function report({ args, terminal }: CommandContext): Promise<number> {
  const out = target(args.value('out'));
  const data = reportOfFolders(await readAll(args.operands), VERSION);
  const { reportPage } = await import('../report/page.ts');
  await writeWhole(out, reportPage(data), '--out');
  if (terminal.json) terminal.out(`${toJson({ out, notes: data.notes, groups: data.groups.map(groupDocument) })}\n`);
  else {
    for (const note of data.notes) terminal.log(note);
    terminal.log(`wrote ${out}`);
  }
  return EXIT.done;
}
