import type { ReportData, ReportGroup } from '../data.ts';
import { html, type Html } from '../html.ts';

/** A part of a page; parts with nothing to show are undefined. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** What `make` says of each group, under the group's heading where there are several. */
export function byGroup(data: ReportData, make: (group: ReportGroup) => Html | undefined): readonly Html[] {
  return data.groups.flatMap((group) => {
    const body = make(group);
    if (body === undefined) return [];
    return [
      group.heading === ''
        ? body
        : html`<h3>${group.heading}</h3>
            ${body}`,
    ];
  });
}

/** A section with a part for each group; undefined where no group has one. */
export function groupedSection(
  data: ReportData,
  head: { readonly id: string; readonly title: string; readonly lead?: Html | undefined },
  make: (group: ReportGroup) => Html | undefined,
): Section | undefined {
  const parts = byGroup(data, make);
  if (parts.length === 0) return undefined;
  return { id: head.id, title: head.title, body: html`${head.lead}${parts}` };
}
