import type { Html } from '../html.ts';

/** A part of a page; parts with nothing to show are undefined. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}
