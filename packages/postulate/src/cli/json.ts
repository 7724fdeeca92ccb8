function plain(_: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? 'inf' : '-inf';
}

/** `JSON.stringify` for documents of the command: `"inf"` and `"-inf"` for infinite numbers, null for what is not known. */
export const toJson = (document: unknown): string => JSON.stringify(document, plain, 2);

/** The same on one line, for documents with long arrays of numbers. */
export const json = (document: unknown): string => JSON.stringify(document, plain);
