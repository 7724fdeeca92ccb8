import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelGraph } from '@postulate/graph';
import { resolvedOptions } from '@postulate/inference';
import type { RunOptions } from '../api/types.ts';
import type { Compiled } from '../project/compiled.ts';
import { VERSION } from '../version.ts';

/** What a run is, as `run.json` holds it: everything that its draws follow from. */
export interface RunIdentity {
  readonly format: 1;
  /** What was done; sampling where it does not say. */
  readonly kind?: 'fit';
  readonly versions: { readonly postulate: string; readonly node: string };
  /** Path as it was given. */
  readonly file: string;
  readonly program: { readonly text: string; readonly hash: string };
  /** SHA-256 of every file that the program names: imports, extern modules, lists. */
  readonly files: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, number | string>>;
  readonly posterior: string;
  readonly graphHash: string;
  /** Ids of the priors, one for each context; equal ids mean equal distributions. */
  readonly models: readonly string[];
  readonly engine: string;
  /** All that the run goes by, defaults included. */
  readonly options: Readonly<Record<string, number | boolean | string>>;
  /** SHA-256 of the policy that is proposed from. */
  readonly proposal?: string;
  readonly draws: number;
  readonly seed: string;
  /** Sequences of the prior; null for no limit. */
  readonly budget: number | null;
  /** Named functions that are reported; empty for all. */
  readonly expect: readonly string[];
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Paths of modules and lists that a graph names, as written; some lists are bundled and are no files. */
function named(graph: ModelGraph): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { kind, module, name } = value as { readonly [field: string]: unknown };
    if (typeof module === 'string') found.add(module);
    if (kind === 'data' && typeof name === 'string') found.add(name);
    Object.values(value).forEach(walk);
  };
  walk(graph.nodes);
  walk(graph.contexts);
  return found;
}

function filesOf(compiled: Compiled, graph: ModelGraph): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const [name, text] of compiled.compilation.sources) if (name !== compiled.name) files[name] = sha256(text);
  for (const name of named(graph)) {
    const path = resolve(compiled.directory, name);
    if (existsSync(path) && statSync(path).isFile()) files[name] = sha256(readFileSync(path));
  }
  return files;
}

function policyIn(folder: string): string {
  const path = resolve(folder, 'policy.bin');
  return existsSync(path) ? sha256(readFileSync(path)) : folder;
}

const finite = (x: number): number | string => (Number.isFinite(x) ? x : String(x));

export interface Subject {
  readonly compiled: Compiled;
  readonly graph: ModelGraph;
  readonly posterior: string;
  readonly graphHash: string;
  readonly models: readonly string[];
  readonly run: RunOptions;
  readonly kind?: 'fit';
}

export function identityOf({ compiled, graph, posterior, graphHash, models, run, kind }: Subject): RunIdentity {
  const { engine = 'auto', options = {}, n = 100, seed = '0', budget = Infinity, expect = [], proposal } = run;
  return {
    format: 1,
    ...(kind === undefined ? {} : { kind }),
    versions: { postulate: VERSION, node: process.version },
    file: compiled.name,
    program: { text: compiled.text, hash: sha256(compiled.text) },
    files: filesOf(compiled, graph),
    params: Object.fromEntries(graph.params.map((p) => [p.name, finite(p.value)])),
    posterior,
    graphHash,
    models,
    engine,
    options: resolvedOptions(engine, options),
    ...(proposal === undefined ? {} : { proposal: policyIn(proposal) }),
    draws: n,
    seed,
    budget: Number.isFinite(budget) ? budget : null,
    expect,
  };
}

/** What has to agree for a run to go on, in the words of a message. */
const PARTS: readonly (readonly [what: string, of: (r: RunIdentity) => unknown])[] = [
  ['what is done', (r) => r.kind ?? 'sample'],
  ['the version of postulate', (r) => r.versions.postulate],
  ['the program', (r) => r.program.hash],
  ['the files it names', (r) => r.files],
  ['the params', (r) => r.params],
  ['the posterior', (r) => r.posterior],
  ['the meaning of the posterior', (r) => r.graphHash],
  ['the models', (r) => r.models],
  ['the engine', (r) => r.engine],
  ["the engine's options", (r) => r.options],
  ['the proposal', (r) => r.proposal ?? null],
  ['the number of draws', (r) => r.draws],
  ['the seed', (r) => r.seed],
  ['the budget', (r) => r.budget],
  ['what is reported', (r) => r.expect],
];

/** A value as JSON with the names of its fields in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return v;
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const SHOWN = 60;
const short = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** How two runs differ, a phrase for each part; empty where one can go on with the other. */
export function differences(before: RunIdentity, now: RunIdentity): readonly string[] {
  return PARTS.flatMap(([what, of]) => {
    const [a, b] = [canonical(of(before)), canonical(of(now))];
    return a === b ? [] : [`${what} (there ${short(a)}, now ${short(b)})`];
  });
}
