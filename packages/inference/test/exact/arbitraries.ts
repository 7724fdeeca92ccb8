import type { BackoffTable, TokenMachine } from '@postulate/models';
import fc from 'fast-check';

/** Small tables of two orders with back-off, as ARPA files have them: not interpolated, zeros, norms. */
export function backoffTable(vocabularySize: number, interpolated: boolean): fc.Arbitrary<BackoffTable> {
  const weight = fc.oneof({ arbitrary: fc.double({ min: 0.02, max: 1, noNaN: true }), weight: 6 }, fc.constant(0));
  const positive = fc.double({ min: 0.02, max: 1, noNaN: true });
  const width = vocabularySize + 1;
  return fc
    .record({
      root: fc.array(interpolated ? positive : weight, { minLength: width, maxLength: width }),
      stored: fc.array(fc.array(fc.boolean(), { minLength: width, maxLength: width }), {
        minLength: vocabularySize,
        maxLength: vocabularySize,
      }),
      weights: fc.array(fc.array(weight, { minLength: width, maxLength: width }), {
        minLength: vocabularySize,
        maxLength: vocabularySize,
      }),
      backoffs: fc.array(interpolated ? positive : weight, { minLength: vocabularySize, maxLength: vocabularySize }),
      rootLast: fc.boolean(),
    })
    .map(({ root, stored, weights, backoffs, rootLast }) => {
      // Contexts: one word each, and the empty one, which stands first or last.
      const rootId = rootLast ? vocabularySize : 0;
      const idOf = (w: number): number => (rootLast ? w : w + 1);
      const total = root.reduce((a, b) => a + b, 0);
      const base = root.map((p) => (total === 0 ? 1 / width : p / total));
      const rows = new Map<number, { w: number; p: number; target: number }[]>();
      const target = (w: number, fromRoot: boolean): number => {
        if (w === vocabularySize) return -1;
        // A word that a long context stores leads to its own context; the root forgets every other word.
        return fromRoot && w % 2 === 1 ? rootId : idOf(w);
      };
      rows.set(
        rootId,
        base.map((p, w) => ({ w, p, target: target(w, true) })),
      );
      for (let v = 0; v < vocabularySize; v++) {
        const row = stored[v].flatMap((kept, w) => {
          if (!kept) return [];
          const p = interpolated ? backoffs[v] * base[w] + weights[v][w] : weights[v][w];
          return [{ w, p, target: target(w, false) }];
        });
        rows.set(idOf(v), row);
      }
      return pack(vocabularySize, rootId, idOf, rows, backoffs, interpolated);
    });
}

function pack(
  vocabularySize: number,
  rootId: number,
  idOf: (w: number) => number,
  rows: ReadonlyMap<number, readonly { readonly w: number; readonly p: number; readonly target: number }[]>,
  backoffs: readonly number[],
  interpolated: boolean,
): BackoffTable {
  const contexts = vocabularySize + 1;
  const ordered = Array.from({ length: contexts }, (_, h) => rows.get(h)!);
  const rowStart = Int32Array.from([0, ...ordered.map((r) => r.length)]).map(
    (
      (sum) => (n) =>
        (sum += n)
    )(0),
  );
  const backoff = new Float64Array(contexts);
  const parent = new Int32Array(contexts).fill(rootId);
  parent[rootId] = -1;
  for (let v = 0; v < vocabularySize; v++) backoff[idOf(v)] = backoffs[v];
  const entries = ordered.flat();
  const rootRow = rows.get(rootId)!;
  const norm = Float64Array.from({ length: contexts }, (_, h) => {
    let sum = 0;
    for (let w = 0; w <= vocabularySize; w++) {
      const own = ordered[h].find((e) => e.w === w);
      sum += own !== undefined ? own.p : backoff[h] * rootRow[w].p;
    }
    return sum;
  });
  // A context without any weight is patched to end for sure, so that the table is a model.
  const dead = norm.findIndex((n) => n === 0);
  if (dead !== -1) {
    const end = { w: vocabularySize, p: 1, target: -1 };
    const patched = new Map(rows).set(dead, [...ordered[dead].filter((e) => e.w !== vocabularySize), end]);
    return pack(vocabularySize, rootId, idOf, patched, backoffs, interpolated);
  }
  return {
    ...{ vocabularySize, contexts, start: rootId, rowStart, backoff, parent, norm, interpolated },
    words: Int32Array.from(entries, (e) => e.w),
    probs: Float64Array.from(entries, (e) => e.p),
    targets: Int32Array.from(entries, (e) => e.target),
  };
}

/** Any small machine: outputs and finals among a few values, −∞ among them where `hard`. */
export function tokenMachine(vocabularySize: number, hard: boolean): fc.Arbitrary<TokenMachine> {
  const value = fc.oneof(
    { arbitrary: fc.constantFrom(0, 0, 1, -1, 0.5, 2), weight: 5 },
    { arbitrary: fc.constant(hard ? -Infinity : 0), weight: 1 },
  );
  return fc.integer({ min: 1, max: 4 }).chain((states) =>
    fc.integer({ min: 1, max: vocabularySize }).chain((classes) =>
      fc
        .record({
          classOf: fc.array(fc.nat(classes - 1), { minLength: vocabularySize, maxLength: vocabularySize }),
          next: fc.array(fc.nat(states - 1), { minLength: states * classes, maxLength: states * classes }),
          output: fc.option(fc.array(value, { minLength: states * classes, maxLength: states * classes })),
          finalEnd: fc.array(value, { minLength: states, maxLength: states }),
          finalStop: fc.array(value, { minLength: states, maxLength: states }),
        })
        .map((m): TokenMachine => ({
          ...{ vocabularySize, states, start: 0, classes },
          classOf: Int32Array.from(m.classOf),
          next: Int32Array.from(m.next),
          output: m.output === null ? undefined : Float64Array.from(m.output),
          finalEnd: Float64Array.from(m.finalEnd),
          finalStop: Float64Array.from(m.finalStop),
        })),
    ),
  );
}
