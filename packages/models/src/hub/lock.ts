import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

const POLL = 100;
/** A lock of another machine, whose processes cannot be looked for, is taken to be left over after so long without a sign of life. */
const LEFT_OVER_AFTER = 10 * 60_000;
const SIGN_OF_LIFE = 60_000;

interface Holder {
  readonly host: string;
  readonly process: number;
}

/** Does `work` while no other process, and no other call here, does so under the same lock file. A lock whose process is gone is broken. */
export async function locked<T>(lock: string, work: () => Promise<T>): Promise<T> {
  const mine: Holder = { host: hostname(), process: process.pid };
  while (!(await take(lock, JSON.stringify(mine)))) {
    await breakLeftOver(lock);
    await wait(POLL);
  }
  const beat = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), SIGN_OF_LIFE);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await rm(lock, { force: true });
  }
}

async function take(lock: string, content: string): Promise<boolean> {
  try {
    await writeFile(lock, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a left-over lock aside; where another process was quicker and the lock is a new one, puts it back. */
async function breakLeftOver(lock: string): Promise<void> {
  const content = await readFile(lock, 'utf8').catch(() => undefined);
  if (content === undefined || !(await isLeftOver(lock, content))) return;
  const aside = `${lock}.${process.pid}`;
  try {
    await rename(lock, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) === content) await rm(aside, { force: true });
  else await rename(aside, lock);
}

async function isLeftOver(lock: string, content: string): Promise<boolean> {
  const holder = parsed(content);
  if (holder?.host === hostname()) return !isAlive(holder.process);
  const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > LEFT_OVER_AFTER;
}

function parsed(content: string): Holder | undefined {
  try {
    return JSON.parse(content) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
}
