import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Journal, Result, TextDraw } from '../api/types.ts';
import { usageError } from '../cli/arguments.ts';
import { toJson } from '../cli/json.ts';
import { sampleDocument } from '../cli/result-document.ts';
import { putFile } from './bytes.ts';
import { detailsText } from './details-file.ts';
import { DrawsFile } from './draws-file.ts';
import { differences, type RunIdentity } from './identity.ts';
import { JournalFile } from './journal.ts';
import { lock } from './lock.ts';
import { writing } from './unwritable.ts';

/** Files of a run folder. */
export const NAMES = {
  run: 'run.json',
  draws: 'draws.jsonl',
  chunks: 'chunks.bin',
  details: 'details.json',
  summary: 'summary.json',
  lock: 'lock',
  metrics: 'metrics.jsonl',
  checkpoint: 'checkpoint.bin',
  policy: 'policy.bin',
  card: 'README.md',
};

type Paths = (name: keyof typeof NAMES) => string;

/** A run on disk: what it is, its draws as they come, the finished pieces of its work, and what it found in the end. */
export interface RunFolder {
  readonly journal: Journal;
  /** Draws that are final, in order. */
  add(draws: readonly TextDraw[]): void;
  /** One member of the family is through; draws that are known only now are added. */
  endMember(result: Result): void;
  /** The whole run is through. */
  finish(results: readonly Result[], sources: ReadonlyMap<string, string>): void;
  /** Closes the files. A folder in which nothing came to be is removed again. */
  close(): void;
}

/** Refuses, before anything is run, a folder that is there, or one to go on with that holds no run. */
export function checkOutFolder(folder: string | undefined, resume: boolean): void {
  if (folder === undefined) {
    if (resume) throw usageError('--resume goes on with a run in a folder.', 'name the folder with --out DIR');
    return;
  }
  if (!existsSync(folder)) return;
  if (!resume) {
    throw usageError(
      `--out ${folder} is there already.`,
      'name a folder that does not exist yet, or go on with the run in it by --resume',
    );
  }
  if (!existsSync(join(folder, NAMES.run))) throw usageError(`--out ${folder} holds no run to go on with.`);
}

/** Makes the folder with its `run.json`, both or neither. */
function create(place: string, identity: RunIdentity): void {
  const draft = join(dirname(place), `.${process.pid}.draft`);
  mkdirSync(dirname(place), { recursive: true });
  mkdirSync(draft);
  try {
    putFile(join(draft, NAMES.run), `${toJson(identity)}\n`);
    renameSync(draft, place);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

function readIdentity(folder: string, path: string): RunIdentity {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunIdentity;
  } catch {
    throw usageError(`--out ${folder} holds no run to go on with: its ${NAMES.run} cannot be read.`);
  }
}

function mustAgree(folder: string, place: string, identity: RunIdentity): void {
  const other = differences(readIdentity(folder, join(place, NAMES.run)), identity);
  if (other.length === 0) return;
  throw usageError(
    `--out ${folder} holds another run; what differs: ${other.join('; ')}.`,
    'say the same again, or begin in another folder',
  );
}

/** Whether a run that ended did so before its time, by a time limit: some of its draws then are not those of a longer one. */
function endedEarly(path: string): boolean {
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return /"verdict": "interrupted/.test(text);
}

interface Files {
  readonly journal: JournalFile;
  readonly draws: DrawsFile;
  close(): void;
}

function openFiles(folder: string, path: Paths): Files {
  const release = lock(path('lock'), folder);
  try {
    const journal = new JournalFile(path('chunks'));
    const draws = new DrawsFile(path('draws'));
    if (endedEarly(path('summary'))) {
      draws.clear();
      rmSync(path('summary'));
      rmSync(path('details'), { force: true });
    }
    const close = (): void => {
      journal.close();
      draws.close();
      release();
    };
    return { journal, draws, close };
  } catch (error) {
    release();
    throw error;
  }
}

function guarded(folder: string, journal: JournalFile): Journal {
  return {
    has: (member, index) => journal.has(member, index),
    find: (member, index, input) => writing(folder, () => journal.find(member, index, input)),
    keep: (member, index, input, result) => writing(folder, () => journal.keep(member, index, input, result)),
  };
}

/** Makes the folder of a run, or checks that the run in it is the same. Errors P901 and P903. */
export function claimFolder(
  folder: string,
  identity: RunIdentity,
): { readonly place: string; readonly fresh: boolean } {
  const place = resolve(folder);
  const fresh = !existsSync(place);
  if (fresh) writing(folder, () => create(place, identity));
  else mustAgree(folder, place, identity);
  return { place, fresh };
}

/** Opens the folder of a run: a new one, or with the same run in it so far. Errors P901 and P903. */
export function openRunFolder(folder: string, identity: RunIdentity): RunFolder {
  const { place, fresh } = claimFolder(folder, identity);
  const path: Paths = (name) => join(place, NAMES[name]);
  const { journal, draws, close } = writing(folder, () => openFiles(folder, path));
  let written = 0;
  let ofMember = 0;
  const add = (more: readonly TextDraw[]): void => {
    writing(folder, () => draws.write(more));
    written += more.length;
    ofMember += more.length;
  };
  return {
    journal: guarded(folder, journal),
    add,
    endMember: (result) => {
      add(result.draws.slice(ofMember));
      ofMember = 0;
    },
    finish: (results, sources) =>
      writing(folder, () => {
        draws.flush();
        putFile(path('details'), detailsText(results));
        // The summary comes last: where it is, everything is.
        const withoutDraws = results.map((r) => ({ ...r, draws: [] }));
        putFile(path('summary'), `${toJson(sampleDocument(withoutDraws, sources))}\n`);
      }),
    close: () => {
      close();
      const empty = written === 0 && journal.size === 0 && !existsSync(path('summary'));
      if (fresh && empty) rmSync(place, { recursive: true, force: true });
    },
  };
}
