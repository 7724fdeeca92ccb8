import type { BackoffTable } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainsOf, prepareTable } from '../../src/dp/index.ts';
import { backoffTable, tokenMachine } from './arbitraries.ts';

/** The same model with an empty context, which no word leads to, put between a context and its parent. */
function withDetour(table: BackoffTable, pick: number): BackoffTable {
  const children = [...table.parent.keys()].filter((h) => table.parent[h] !== -1);
  if (children.length === 0) return table;
  const child = children[pick % children.length];
  const extra = table.contexts;
  const parent = Int32Array.of(...table.parent, table.parent[child]);
  parent[child] = extra;
  return {
    ...table,
    contexts: extra + 1,
    rowStart: Int32Array.of(...table.rowStart, table.rowStart[extra]),
    backoff: Float64Array.of(...table.backoff, 1),
    parent,
    norm: table.norm && Float64Array.of(...table.norm, table.norm[child]),
  };
}

const cases = fc.record({
  table: fc.tuple(backoffTable(4, true), fc.nat()).map(([table, pick]) => withDetour(table, pick)),
  machine: tokenMachine(4, true),
});

describe('domains of machine states', () => {
  it('hold every parent, and every context that a move can lead to', () => {
    let narrow = 0;
    fc.assert(
      fc.property(cases, ({ table, machine: m }) => {
        const domains = domainsOf(prepareTable(table), m);
        const inside = domains.map((d) => new Set(d.contexts));
        expect(inside[m.start].has(table.start)).toBe(true);
        domains.forEach((d, s) => {
          narrow += d.slot === undefined ? 0 : 1;
          for (const h of d.contexts) {
            if (table.parent[h] !== -1) expect(inside[s].has(table.parent[h])).toBe(true);
            for (let k = table.rowStart[h]; k < table.rowStart[h + 1]; k++) {
              if (table.words[k] === table.vocabularySize) continue;
              const next = m.next[s * m.classes + m.classOf[table.words[k]]];
              expect(inside[next].has(table.targets[k])).toBe(true);
            }
          }
        });
      }),
      { seed: 7, numRuns: 300 },
    );
    expect(narrow).toBeGreaterThan(20);
  });

  it('list parents first and number their contexts in that order', () => {
    fc.assert(
      fc.property(cases, ({ table, machine }) => {
        for (const { contexts, slot } of domainsOf(prepareTable(table), machine)) {
          const place = new Map([...contexts].map((h, i) => [h, i] as const));
          contexts.forEach((h, i) => {
            if (table.parent[h] !== -1) expect(place.get(table.parent[h])).toBeLessThan(i);
            if (slot !== undefined) expect(slot[h]).toBe(i);
          });
        }
      }),
      { seed: 8, numRuns: 100 },
    );
  });
});
