import type { TokenMachine } from '@postulate/models';

/** The coarsest grouping of tokens that several machines all respect. */
export interface CommonClasses {
  readonly classes: number;
  readonly classOf: Int32Array;
  /** Per machine: its own class of each common class. */
  readonly own: readonly Int32Array[];
}

export function commonClasses(machines: readonly TokenMachine[]): CommonClasses {
  const size = machines[0].vocabularySize;
  let classOf: Int32Array = new Int32Array(size);
  let classes = 1;
  for (const m of machines) {
    if (m.vocabularySize !== size) throw new RangeError('machines over different vocabularies');
    if (m.classes === 1) continue;
    const seen = new Map<number, number>();
    const refined = new Int32Array(size);
    for (let w = 0; w < size; w++) {
      const key = classOf[w] * m.classes + m.classOf[w];
      let id = seen.get(key);
      if (id === undefined) seen.set(key, (id = seen.size));
      refined[w] = id;
    }
    classOf = refined;
    classes = Math.max(1, seen.size);
  }
  const own = machines.map(() => new Int32Array(classes));
  for (let w = 0; w < size; w++) machines.forEach((m, i) => (own[i][classOf[w]] = m.classOf[w]));
  return { classes, classOf, own };
}
