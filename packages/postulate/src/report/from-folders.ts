import { createHash } from 'node:crypto';
import { oneLine } from '../cli/summary.ts';
import { folderName, type StoredMember, type StoredRun } from '../run-folder/read.ts';
import { END, type ReportData, type ReportGroup, type ReportRun } from './data.ts';

/** A member of a run, and what its distribution follows from. */
interface Entry {
  readonly run: StoredRun;
  readonly member: StoredMember;
  readonly graphHash: string;
  /** Equal for equal distributions: what the definition says, the files and models it names, the context. */
  readonly key: string;
}

function entriesOf(run: StoredRun): readonly Entry[] {
  const { identity } = run;
  return run.members.map((member) => {
    const graphHash = member.summary?.graphHash ?? identity.graphHash;
    const parts = [identity.graphHash, identity.models, Object.entries(identity.files).sort(), member.context ?? null];
    return { run, member, graphHash, key: createHash('sha256').update(JSON.stringify(parts)).digest('hex') };
  });
}

/** Fields of `rows` that differ among them, as `name = value` for each row. */
function differing(rows: readonly Readonly<Record<string, unknown>>[]): readonly (readonly string[])[] {
  const names = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const vary = names.filter((n) => rows.some((r) => r[n] !== rows[0][n]));
  return rows.map((r) => vary.flatMap((n) => (r[n] === undefined ? [] : [`${n} = ${String(r[n])}`])));
}

/** Engines, with what tells them apart where they repeat; the folder where nothing else does. */
function labels(entries: readonly Entry[]): readonly string[] {
  const engine = (e: Entry): string => e.member.summary?.engine ?? e.run.identity.engine;
  return entries.map((e) => {
    const same = entries.filter((o) => engine(o) === engine(e));
    if (same.length === 1) return engine(e);
    const parts = differing(same.map(({ run: { identity: i } }) => ({ ...i.options, seed: i.seed, draws: i.draws })));
    const texts = parts.map((p) => p.join(', '));
    const own = texts[same.indexOf(e)];
    if (own !== '' && texts.filter((t) => t === own).length === 1) return `${engine(e)} (${own})`;
    const names = same.map((o) => folderName(o.run.folder));
    return `${engine(e)} (${new Set(names).size === names.length ? folderName(e.run.folder) : e.run.folder})`;
  });
}

function unfinished({ run, member }: Entry): string {
  return `unfinished: ${member.drawn} of ${run.identity.draws} draws so far, and no figures yet; post sample with --resume goes on`;
}

function reportRun(entry: Entry, label: string): ReportRun {
  const { member, run } = entry;
  const { summary: s, names } = member;
  return {
    label,
    engine: s?.engine ?? run.identity.engine,
    guarantee: s?.guarantee ?? null,
    seed: run.identity.seed,
    logZ: s?.logZ ?? null,
    entropy: s?.entropy ?? null,
    klToPrior: s?.klToPrior ?? null,
    expectations: s?.expectations ?? {},
    diagnostics: s?.diagnostics ?? {
      ...{ ess: null, paretoK: null, acceptanceRate: null, modelCalls: null },
      verdict: unfinished(entry),
    },
    reasons: s?.reasons ?? [],
    tokens: (token) => names?.tokens[token] ?? END,
    separator: names?.separator ?? ' ',
    draws: member.draws,
    drawn: member.drawn,
    details: member.details,
    weights: member.weights,
  };
}

/** What tells groups apart: posterior, file, params, context; the hash where that leaves some of them equal. */
function headings(firsts: readonly Entry[]): readonly string[] {
  if (firsts.length === 1) return [''];
  const rows = firsts.map(({ run: { identity: i } }) => ({ posterior: i.posterior, file: i.file }));
  const params = differing(firsts.map(({ run }) => run.identity.params));
  const varies = (of: (r: (typeof rows)[number]) => string): boolean => new Set(rows.map(of)).size > 1;
  const texts = firsts.map(({ member: { context } }, i) =>
    [
      ...(varies((r) => r.posterior) ? [rows[i].posterior] : []),
      ...(varies((r) => r.file) ? [rows[i].file] : []),
      ...params[i],
      ...(context === undefined ? [] : [`“${oneLine(context)}”`]),
    ].join(' · '),
  );
  return texts.map((text, i) => {
    if (text !== '' && texts.filter((t) => t === text).length === 1) return text;
    return [text, `definition ${firsts[i].graphHash.slice(0, 12)}, models and files ${firsts[i].key.slice(0, 8)}`]
      .filter((t) => t !== '')
      .join(' · ');
  });
}

function notesOf(entries: readonly Entry[]): readonly string[] {
  const notes: string[] = [];
  const hashes = new Set(entries.map((e) => e.run.identity.graphHash));
  if (hashes.size > 1) {
    notes.push(
      `These runs are of ${hashes.size} different definitions: they are grouped by definition, and figures of different groups answer different questions.`,
    );
  }
  const open = [...new Set(entries.filter((e) => !e.run.finished).map((e) => e.run.folder))];
  if (open.length > 0) notes.push(`Unfinished, shown as far as they are: ${open.join(', ')}.`);
  return notes;
}

/** Runs read from their folders, as a page shows them: side by side where they are of one distribution. */
export function reportOfFolders(runs: readonly StoredRun[], version: string): ReportData {
  const entries = runs.flatMap(entriesOf);
  const byKey = new Map<string, Entry[]>();
  for (const e of entries) byKey.set(e.key, [...(byKey.get(e.key) ?? []), e]);
  const together = [...byKey.values()];
  const heading = headings(together.map((g) => g[0]));
  const groups = together.map((of, i): ReportGroup => {
    const label = labels(of);
    const { identity } = of[0].run;
    return {
      heading: heading[i],
      posterior: identity.posterior,
      graphHash: of[0].graphHash,
      setting: identity.params,
      context: of[0].member.context ?? '',
      runs: of.map((e, j) => reportRun(e, label[j])),
    };
  });
  const programs = new Map(
    runs.map(({ identity: { program, file } }) => [program.hash, { name: file, text: program.text }]),
  );
  const title = [...new Set(runs.map((r) => r.identity.posterior))].join(', ');
  return { title, version, notes: notesOf(entries), programs: [...programs.values()], groups };
}
