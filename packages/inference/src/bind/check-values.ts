import { fail, type DiagnosticCode, type Span } from '@postulate/graph';
import type { TextBatch } from '@postulate/models';

/** What is being evaluated, for messages. */
export interface Subject {
  readonly what: 'factor' | 'score' | 'event';
  readonly label: string;
  readonly span?: Span | undefined;
}

/** A text short enough for a message. */
export function shownText(text: string): string {
  const points = [...text];
  return JSON.stringify(points.length > 80 ? `${points.slice(0, 79).join('')}…` : text);
}

function illegal(subject: Subject, code: DiagnosticCode, is: string, text: string): Error {
  return fail(code, `the ${subject.what} ${subject.label} is ${is} for the text ${shownText(text)}`, {
    span: subject.span,
    help: 'a score is a number or -inf for every text; guard the case with if … then … else …',
  });
}

/** Passes values on; NaN is error P700 and +∞ error P703, with the text named. `-Infinity` is legal. */
export function checkValues(subject: Subject, batch: TextBatch, values: Float64Array): Float64Array {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) throw illegal(subject, 'P700', 'not a number', batch.text(i));
    if (values[i] === Infinity) throw illegal(subject, 'P703', 'infinite', batch.text(i));
  }
  return values;
}
