import {
  type Checked,
  checked,
  type ContextInfo,
  hasErrors,
  mapClaim,
  type ModelGraph,
  type NodeId,
  type Output,
  type ParamInfo,
  type Property,
  referencesOf,
} from '@postulate/graph';
import { check, type TypedProgram } from './check.ts';
import { emitNodes } from './emit.ts';
import type { Entity } from './entities.ts';
import type { TermId } from './terms.ts';
import type { Value } from './values.ts';

function termOf(v: Value | undefined): TermId | undefined {
  return v && 'term' in v ? v.term : undefined;
}

function sameSettings(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  const [x, y] = [Object.entries(a), Object.entries(b)];
  return x.length === y.length && x.every(([name, value]) => Object.is(b[name], value));
}

/** Entities of main that are values of the text: scores, events, random scores and distributions. */
function outputsOf(typed: TypedProgram, nodeOf: ReadonlyMap<TermId, number>): readonly Output[] {
  return typed.main.entities.flatMap((e): readonly Output[] => {
    const term = termOf(e.value);
    const node = term === undefined ? undefined : nodeOf.get(term);
    if (term === undefined || node === undefined) return [];
    const { doc, name } = e.definition;
    return [
      { name: e.name, node, type: typed.terms[term].type, ...(doc === undefined ? {} : { doc }), span: name.span },
    ];
  });
}

/** Params that can be set: those of the file and those it imports, under the names they have in it. */
function paramsOf(typed: TypedProgram): readonly ParamInfo[] {
  return [...typed.main.scope].flatMap(([name, e]): readonly ParamInfo[] => {
    if (e?.definition.kind !== 'param' || e.value?.kind !== 'number') return [];
    const declared = e.definition.range ? { range: e.value.range } : {};
    return [{ name, value: e.value.value, ...declared, span: e.definition.name.span }];
  });
}

function lowerProperty(p: Property<TermId>, node: (term: TermId) => NodeId): Property {
  const { forall, claim, ...about } = p;
  const over = forall && { texts: forall.texts, ...(forall.in === undefined ? {} : { in: node(forall.in) }) };
  return { ...about, ...(over ? { forall: over } : {}), claim: mapClaim(claim, node) };
}

function graphOf(typed: TypedProgram): ModelGraph {
  const roots = typed.main.entities.flatMap((e) => termOf(e.value) ?? []);
  const spoken = typed.properties.flatMap((p) => [
    ...referencesOf(p.claim),
    ...(p.forall?.in === undefined ? [] : [p.forall.in]),
  ]);
  const { nodes, nodeOf } = emitNodes(typed.terms, [...roots, ...spoken]);
  const node = (term: TermId): number => nodeOf.get(term) ?? -1;
  return {
    version: 1,
    source: typed.main.program.source,
    nodes,
    outputs: outputsOf(typed, nodeOf),
    params: paramsOf(typed),
    contexts: contextsOf(typed),
    properties: typed.properties.map((p) => lowerProperty(p, node)),
  };
}

/** Everything that main refers to, directly or through other definitions. */
function reachable(typed: TypedProgram): ReadonlySet<Entity> {
  const seen = new Set<Entity>(typed.main.entities);
  const queue = [...seen];
  for (let next = queue.pop(); next; next = queue.pop()) {
    for (const e of next.uses) {
      if (seen.has(e)) continue;
      seen.add(e);
      queue.push(e);
    }
  }
  return seen;
}

function contextsOf(typed: TypedProgram): readonly ContextInfo[] {
  return [...reachable(typed)].flatMap((e): readonly ContextInfo[] => {
    const s = e.definition;
    const values = typed.contexts.get(e);
    if (s.kind !== 'context' || !values) return [];
    return [{ name: s.name.name, values, span: s.span }];
  });
}

/**
 * The model graph of a checked program. `set` gives params other values than they were checked with; the program is
 * then checked again with those. Withheld, with the reasons, where there are errors.
 */
export function lower(
  typed: TypedProgram,
  options: { readonly set?: Readonly<Record<string, number>> } = {},
): Checked<ModelGraph> {
  const set = options.set ?? typed.set;
  if (sameSettings(set, typed.set)) return checked(graphOf(typed), []);
  const again = check(typed.main.program, typed.host, set);
  if (hasErrors(again.diagnostics)) return checked(graphOf(again.typed), again.diagnostics);
  return checked(graphOf(again.typed), []);
}
