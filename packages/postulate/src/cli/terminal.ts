import picocolors from 'picocolors';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Where a command writes, and what is known of the other side. */
export interface Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Colours for standard output and for standard error: plain functions where they are not wanted. */
  readonly outColours: Colours;
  readonly errColours: Colours;
  /** Whether standard error is a terminal, so that a progress line may be redrawn. */
  readonly live: boolean;
  readonly columns: number;
  /** Texts of the sources read so far, by name, so that a late failure can still show its line. */
  readonly sources: Map<string, string>;
  out(text: string): void;
  err(text: string): void;
  /** A line on standard error, unless `--quiet`. */
  log(line: string): void;
  /** Replaces the progress line; `undefined` clears it. Does nothing where `live` is false. */
  status(line: string | undefined): void;
}

function wantsColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

const CLEAR_LINE = '\r\u001b[2K';

/** The terminal of this process. */
export function processTerminal(flags: { readonly json: boolean; readonly quiet: boolean }): Terminal {
  const live = process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !flags.quiet;
  let shown = false;
  const clear = () => {
    if (shown) process.stderr.write(CLEAR_LINE);
    shown = false;
  };
  return {
    ...flags,
    live,
    columns: process.stderr.columns ?? 80,
    outColours: picocolors.createColors(wantsColours(process.stdout)),
    errColours: picocolors.createColors(wantsColours(process.stderr)),
    sources: new Map(),
    out: (text) => {
      clear();
      process.stdout.write(text);
    },
    err: (text) => {
      clear();
      process.stderr.write(text);
    },
    log: (line) => {
      if (flags.quiet) return;
      clear();
      process.stderr.write(`${line}\n`);
    },
    status: (line) => {
      if (!live) return;
      if (line === undefined) return clear();
      const width = (process.stderr.columns ?? 80) - 1;
      const points = [...line];
      process.stderr.write(CLEAR_LINE + (points.length > width ? points.slice(0, width - 1).join('') + '…' : line));
      shown = true;
    },
  };
}

/** A reader that goes away (`post … | head`) ends the command quietly. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`error[P903]: standard output cannot be written: ${error.message}\n`);
    process.exit(3);
  });
  process.stderr.on('error', () => undefined);
}
