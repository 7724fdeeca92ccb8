import type { Diagnostic, DiagnosticCode, Fix, RelatedPlace, Span } from '@postulate/graph';
import type { IToken } from 'chevrotain';

/** Beyond this a file is not a program with mistakes, and more messages help nobody. */
const MAX_ERRORS = 1000;

/** What a message may carry besides its text; `fix` replaces the reported place unless it names another. */
export interface Extra {
  readonly help?: string;
  readonly fix?: { readonly title: string; readonly newText: string; readonly start?: number; readonly end?: number };
  readonly related?: readonly { readonly start: number; readonly end: number; readonly message: string }[];
}

/** Collects the diagnostics of one text. */
export class Reporter {
  readonly text: string;
  readonly source: string;
  readonly #found: Diagnostic[] = [];
  #left = MAX_ERRORS;

  constructor(text: string, source: string) {
    this.text = text;
    this.source = source;
  }

  span(start: number, end: number): Span {
    return { source: this.source, start, end };
  }

  error(code: DiagnosticCode, start: number, end: number, message: string, extra: Extra = {}): void {
    if (this.#left-- <= 0) return;
    const related: RelatedPlace[] | undefined = extra.related?.map((r) => ({
      span: this.span(r.start, r.end),
      message: r.message,
    }));
    const fix: Fix | undefined = extra.fix && {
      title: extra.fix.title,
      edits: [{ span: this.span(extra.fix.start ?? start, extra.fix.end ?? end), newText: extra.fix.newText }],
    };
    this.#found.push({
      code,
      severity: 'error',
      message,
      span: this.span(start, end),
      ...(related && { related }),
      ...(fix && { fix }),
      ...(extra.help !== undefined && { help: extra.help }),
    });
  }

  errorAt(code: DiagnosticCode, token: IToken, message: string, extra: Extra = {}): void {
    this.error(code, token.startOffset, endOf(token), message, extra);
  }

  /** In order of place. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#found].sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
  }
}

/** One past the last code unit of a token. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}
