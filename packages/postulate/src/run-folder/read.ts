import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fail } from '@postulate/graph';
import type { Details } from '@postulate/inference';
import type { TextDraw, TokenNames } from '../api/types.ts';
import { usageError } from '../cli/arguments.ts';
import type { resultDocument } from '../cli/result-document.ts';
import { parseDetails, withInfinities, type StoredDetails } from './details-file.ts';
import type { RunIdentity } from './identity.ts';
import { NAMES } from './run-folder.ts';

/** The figures of a finished member of a family, without its draws. */
export type StoredSummary = Omit<ReturnType<typeof resultDocument>, 'draws' | 'warnings' | 'support'>;

/** One member of a family in a run folder; a run without contexts has one. */
export interface StoredMember {
  readonly context?: string;
  /** Undefined where the run has not ended. */
  readonly summary?: StoredSummary;
  readonly details: Details;
  readonly names?: TokenNames;
  /** How many weights there were, where `details` has only the first ones. */
  readonly weights?: number;
  /** The first draws. */
  readonly draws: readonly TextDraw[];
  /** Draws in all. */
  readonly drawn: number;
}

export interface StoredRun {
  /** As it was named. */
  readonly folder: string;
  readonly identity: RunIdentity;
  readonly finished: boolean;
  readonly members: readonly StoredMember[];
}

const FORMAT = 1;

const damaged = (folder: string, file: string, cause: unknown) =>
  fail('P500', `${join(folder, file)} cannot be read: it is damaged.`, { kind: 'outside', cause });

const otherFormat = (folder: string, file: string) =>
  fail('P500', `${join(folder, file)} is of a format that this version of post does not read.`, {
    kind: 'outside',
    help: `make the page with the version that wrote it; ${NAMES.run} names it`,
  });

/** Runs `act` on the text of a file of the folder; whatever goes wrong in it means that the file is damaged. */
function parsed<T>(folder: string, file: string, act: (text: string) => T): T {
  try {
    return act(readFileSync(join(folder, file), 'utf8'));
  } catch (cause) {
    throw damaged(folder, file, cause);
  }
}

function identityIn(folder: string): RunIdentity {
  if (!existsSync(folder)) {
    throw fail('P500', `${folder} cannot be read: there is no such folder.`, { kind: 'outside' });
  }
  if (!existsSync(join(folder, NAMES.run))) {
    throw usageError(
      `${folder} is not the folder of a run: there is no ${NAMES.run} in it.`,
      'post sample model.post --out DIR makes one',
    );
  }
  const identity = parsed(folder, NAMES.run, (text) => JSON.parse(text) as RunIdentity);
  if (identity.format !== FORMAT) throw otherFormat(folder, NAMES.run);
  return identity;
}

type SummaryDocument = StoredSummary | { readonly contexts: readonly StoredSummary[] };

function summariesIn(folder: string): readonly StoredSummary[] | undefined {
  if (!existsSync(join(folder, NAMES.summary))) return undefined;
  const document = parsed(folder, NAMES.summary, (text) => withInfinities(JSON.parse(text)) as SummaryDocument);
  return 'contexts' in document ? document.contexts : [document];
}

function detailsIn(folder: string): readonly StoredDetails[] {
  if (!existsSync(join(folder, NAMES.details))) return [];
  const members = parsed(folder, NAMES.details, parseDetails);
  if (members === undefined) throw otherFormat(folder, NAMES.details);
  return members;
}

interface Drawn {
  readonly first: TextDraw[];
  count: number;
}

/** Counts the draws of each context and keeps the first ones. Half a line, as a killed run leaves it, is passed over. */
async function drawsIn(folder: string, keep: number): Promise<ReadonlyMap<string | undefined, Drawn>> {
  const found = new Map<string | undefined, Drawn>();
  const path = join(folder, NAMES.draws);
  if (!existsSync(path)) return found;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    let draw: TextDraw;
    try {
      draw = withInfinities(JSON.parse(line)) as TextDraw;
    } catch {
      continue;
    }
    const of = found.get(draw.context) ?? { first: [], count: 0 };
    found.set(draw.context, of);
    if (of.count++ < keep) of.first.push(draw);
  }
  return found;
}

/**
 * Reads the folder of a run, finished or not, with the first `keep` draws of each member.
 * Errors: P901 where it is no run folder, P500 where it cannot be read or is of another format.
 */
export async function readRunFolder(folder: string, keep: number): Promise<StoredRun> {
  const identity = identityIn(folder);
  const summaries = summariesIn(folder);
  const details = summaries === undefined ? [] : detailsIn(folder);
  const draws = await drawsIn(folder, keep);
  const contexts = summaries?.map((s) => s.context) ?? (draws.size === 0 ? [undefined] : [...draws.keys()]);
  const members = contexts.map((context, i): StoredMember => {
    const { first, count } = draws.get(context) ?? { first: [], count: 0 };
    const of = details[i] ?? { details: {} };
    const summary = summaries?.[i];
    return {
      ...of,
      ...(context === undefined ? {} : { context }),
      ...(summary === undefined ? {} : { summary }),
      draws: first,
      drawn: count,
    };
  });
  return { folder, identity, finished: summaries !== undefined, members };
}

/** The last part of the path of a folder. */
export const folderName = (folder: string): string => basename(resolve(folder));
