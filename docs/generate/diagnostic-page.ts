import type { DiagnosticCode } from '@postulate/graph';

/** What a reference page says of one diagnostic, with something that provokes it. */
export interface DiagnosticPage {
  readonly code: DiagnosticCode;
  readonly why: string;
  readonly fix: string;
  /** A whole program, `example.post`. */
  readonly program?: string;
  readonly set?: Readonly<Record<string, number>>;
  /** Files besides `example.post`, for pages that run a command. */
  readonly files?: Readonly<Record<string, string>>;
  /** Arguments of a `post` command run beside the files. */
  readonly command?: readonly string[];
  /** Environment variables of the command. */
  readonly environment?: Readonly<Record<string, string>>;
  /** True where the program is too large or too odd to show. */
  readonly brief?: boolean;
  /** Why no example is run, for failures that cannot be staged on every machine. */
  readonly unstaged?: string;
}
