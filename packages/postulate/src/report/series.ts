import type { ReportData } from './data.ts';
import { colour } from './style.ts';

/** The colour of every series by its label: the same in every group and every plot, so that a legend holds for the page. */
export function coloursOf(data: ReportData): (label: string) => string {
  const labels = [...new Set(data.groups.flatMap((g) => g.runs.map((r) => r.label)))];
  const known = new Map(labels.map((l, i) => [l, colour(i)]));
  return (label) => known.get(label) ?? (label === 'prior' ? 'var(--dim)' : 'var(--fg)');
}

/** The legend's entries for those of `labels` that are there, in their order. */
export function legendOf(data: ReportData, labels: Iterable<string>) {
  const colours = coloursOf(data);
  return [...new Set(labels)].map((name) => ({ name, colour: colours(name) }));
}
