import type { Ancestry } from '@postulate/inference';

/** One prefix of a run, shared by every particle that grew it from the same parent. */
export interface Lineage {
  /** Generation at which the particles were here, from 1. */
  readonly generation: number;
  /** Token drawn at this generation; −1 where the text had ended before. */
  readonly token: number;
  /** Particles of this generation that are here. */
  readonly particles: number;
  /** Particles of the last generation that descend from here. */
  readonly survivors: number;
  /** Whether every particle here has weight zero. */
  readonly dead: boolean;
  readonly children: readonly Lineage[];
}

interface Draft {
  generation: number;
  token: number;
  members: number[];
}

/** The particles of a generation that descend from `parents`, grouped by parent and token. */
function grow(run: Ancestry, draft: Draft): Lineage {
  const { generation, token, members } = draft;
  const now = run.generations[generation - 1];
  const next = run.generations[generation];
  const dead = members.length > 0 && generation > 0 && members.every((m) => now.logWeights[m] === -Infinity);
  const base = { generation, token, particles: members.length, dead };
  if (next === undefined) return { ...base, survivors: dead ? 0 : members.length, children: [] };
  const here = new Set(members);
  const groups = new Map<number, number[]>();
  next.parents.forEach((parent, i) => {
    if (!here.has(parent)) return;
    const group = groups.get(next.tokens[i]);
    if (group) group.push(i);
    else groups.set(next.tokens[i], [i]);
  });
  const children = [...groups]
    .map(([t, group]) => grow(run, { generation: generation + 1, token: t, members: group }))
    .sort((a, b) => b.survivors - a.survivors || b.particles - a.particles);
  return { ...base, survivors: children.reduce((n, c) => n + c.survivors, 0), children };
}

/** The family tree of a run's particles, from the empty text; equal prefixes of one parent are one node. */
export function lineageOf(run: Ancestry): Lineage {
  const first = run.generations[0];
  const members = Array.from({ length: first === undefined ? 0 : Math.max(...first.parents) + 1 }, (_, i) => i);
  return grow(run, { generation: 0, token: -1, members });
}
