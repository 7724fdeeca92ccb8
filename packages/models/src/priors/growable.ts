/** Typed arrays that grow by doubling. */
export interface GrowableInts {
  data: Int32Array<ArrayBuffer>;
  length: number;
}

export interface GrowableDoubles {
  data: Float64Array<ArrayBuffer>;
  length: number;
}

export function growableInts(): GrowableInts {
  return { data: new Int32Array(1024), length: 0 };
}

export function growableDoubles(): GrowableDoubles {
  return { data: new Float64Array(1024), length: 0 };
}

export function pushInt(array: GrowableInts, value: number): void {
  if (array.length === array.data.length) {
    const larger = new Int32Array(array.data.length * 2);
    larger.set(array.data);
    array.data = larger;
  }
  array.data[array.length++] = value;
}

export function pushDouble(array: GrowableDoubles, value: number): void {
  if (array.length === array.data.length) {
    const larger = new Float64Array(array.data.length * 2);
    larger.set(array.data);
    array.data = larger;
  }
  array.data[array.length++] = value;
}
