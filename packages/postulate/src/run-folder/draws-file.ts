import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { fail } from '@postulate/graph';
import type { TextDraw } from '../api/types.ts';
import { toJson } from '../cli/json.ts';
import { appendAll, readUpTo } from './bytes.ts';

const NEWLINE = 0x0a;
/** Bytes looked at in one go for the last line break. */
const LOOK = 65536;

export const drawLine = (draw: TextDraw): string => `${toJson(draw).replace(/\n\s*/g, ' ')}\n`;

/**
 * Draws, one JSON line each, appended as they come. Over lines of an earlier run it goes again: they have to be the
 * same, and new ones begin where they end.
 */
export class DrawsFile {
  private readonly fd: number;
  private at = 0;
  private size: number;

  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    const { size } = fstatSync(this.fd);
    this.size = this.wholeLines(size);
    if (this.size < size) ftruncateSync(this.fd, this.size);
  }

  write(draws: readonly TextDraw[]): void {
    if (draws.length === 0) return;
    const bytes = Buffer.from(draws.map(drawLine).join(''));
    const known = readUpTo(this.fd, Math.min(bytes.length, this.size - this.at), this.at);
    if (!bytes.subarray(0, known.length).equals(known)) {
      throw fail('P903', 'draws.jsonl holds other draws than this run has: what it was made from has changed', {
        kind: 'outside',
        help: 'an extern has to give the same value for the same text; begin again in another folder',
      });
    }
    appendAll(this.fd, bytes.subarray(known.length), this.at + known.length);
    this.at += bytes.length;
    this.size = Math.max(this.size, this.at);
  }

  /** Drops all lines. */
  clear(): void {
    ftruncateSync(this.fd, 0);
    this.at = this.size = 0;
  }

  /** Puts what was written on the disk. */
  flush(): void {
    fsyncSync(this.fd);
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Where the last whole line of the first `size` bytes ends. */
  private wholeLines(size: number): number {
    for (let end = size; end > 0;) {
      const from = Math.max(0, end - LOOK);
      const found = readUpTo(this.fd, end - from, from).lastIndexOf(NEWLINE);
      if (found !== -1) return from + found + 1;
      end = from;
    }
    return 0;
  }
}
