/** A size, or the name of one that is known only when a program runs (`"batch"`). */
export type Dimension = number | string;
export type Shape = readonly Dimension[];

/** Thrown where a definition is wrong: a mistake in a model's code, never in a user's file. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

export function showShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** `times('batch', 64)` is `"batch*64"`; a name is only compared, never calculated with. */
export function times(dimension: Dimension, factor: number): Dimension {
  if (typeof dimension === 'number') return dimension * factor;
  return factor === 1 ? dimension : `${dimension}*${factor}`;
}

/** The shape of an elementwise operation: sizes are equal or 1, matched from the last axis on. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new ShapeError(`shapes ${showShape(a)} and ${showShape(b)} do not go together`);
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** Number of elements of a shape without names. */
export function sizeOf(shape: Shape): number {
  return shape.reduce<number>((product, d) => {
    if (typeof d === 'string') throw new ShapeError(`${showShape(shape)} has a size that is not known yet`);
    return product * d;
  }, 1);
}
