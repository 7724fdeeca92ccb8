import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileHash } from './file-hash.ts';
import { ask, fetchFailure, passing, type Answer, type Asked } from './request.ts';
import { PassingFailure, retrying } from './retry.ts';
import type { HubSettings } from './settings.ts';

const SHA256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/;

/**
 * Fetches one file into `folder`. What came of it so far lies in `….part` beside it: a broken connection, or a later run, goes on from
 * there. It takes its name only once it is whole and, where the hub tells its SHA-256, has that. `onBytes` is told the bytes there.
 * P513 where it cannot be had.
 */
export async function download(
  asked: Asked & { readonly file: string; readonly commit: string },
  folder: string,
  settings: HubSettings,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const path = join(folder, asked.file);
  const part = `${path}.part`;
  await mkdir(dirname(path), { recursive: true });
  const url = `${settings.endpoint}/${asked.repository}/resolve/${asked.commit}/${asked.file}`;
  let there = await sizeOf(part);
  const received = (bytes: number) => onBytes((there = bytes));
  received(there);
  await retrying(
    () => attempt(url, asked, part, settings, received),
    settings.retryDelay,
    () => there,
  );
  await rename(part, path);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** One request: goes on where the part ends, and checks the whole at the end. */
async function attempt(
  url: string,
  asked: Asked,
  part: string,
  settings: HubSettings,
  received: (bytes: number) => void,
): Promise<void> {
  const before = await sizeOf(part);
  const answer = await ask(url, asked, settings, before > 0 ? { range: `bytes=${before}-` } : {});
  const { response, header } = answer;
  let resumed = response.status === 206;
  try {
    if (resumed && startOf(response) !== before) throw await startAgain(part, 'sent another part than was asked for');
    if (response.status === 416) {
      // Nothing is left to send: the part is whole, or too long and found out by its checksum or size.
      resumed = true;
      await response.body?.cancel();
      if (totalOf(response) !== before)
        throw await startAgain(part, 'has another size than what was fetched of it before');
    } else {
      await append(answer, part, resumed ? before : 0, received);
      const expected = lengthOf(response, resumed ? before : 0);
      const size = await sizeOf(part);
      if (expected !== undefined && size < expected) throw new PassingFailure('it broke the connection off');
    }
  } finally {
    answer.done();
  }
  await check(part, asked, header('x-linked-etag') ?? header('etag'), resumed);
}

/** First byte of a partial answer. */
function startOf(response: Response): number | undefined {
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '');
  return range === null ? undefined : Number(range[1]);
}

/** Bytes of the whole file, as a partial answer tells. */
function totalOf(response: Response): number | undefined {
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return total === null ? undefined : Number(total[1]);
}

function lengthOf(response: Response, before: number): number | undefined {
  const length = response.headers.get('content-length');
  return length === null ? undefined : before + Number(length);
}

async function append(
  { response, alive }: Answer,
  part: string,
  start: number,
  received: (bytes: number) => void,
): Promise<void> {
  const handle = await open(part, start === 0 ? 'w' : 'a').catch((cause: unknown) => {
    throw fetchFailure(`cannot write "${part}": ${(cause as Error).message}.`, { cause });
  });
  try {
    let at = start;
    for await (const piece of pieces(response)) {
      alive();
      await handle.writeFile(piece).catch((cause: unknown) => {
        throw fetchFailure(`cannot write "${part}": ${(cause as Error).message}.`, { cause });
      });
      received((at += piece.length));
    }
  } finally {
    await handle.close();
  }
}

/** The body, failures of the network told as such. */
async function* pieces({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw passing(error);
  }
}

/** A file that was put together from several answers is fetched once more from its beginning; one that came whole and is wrong is refused. */
async function check(part: string, asked: Asked, tag: string | undefined, resumed: boolean): Promise<void> {
  const sum = SHA256.exec(tag ?? '')?.[1];
  if (sum === undefined || sum === (await fileHash(part))) return;
  const failure = await startAgain(part, 'has another checksum than was announced');
  if (resumed) throw failure;
  throw fetchFailure(
    `${asked.file} of the model "${asked.repository}" ${failure.message}: it was damaged on its way.`,
    {
      help: 'try again; where it stays so, the hub or something in between is broken.',
    },
  );
}

async function startAgain(part: string, what: string): Promise<PassingFailure> {
  await rm(part, { force: true });
  return new PassingFailure(what);
}
