/** `JSON.stringify` for documents of the command: `"inf"` and `"-inf"` for infinite numbers, null for what is not known. */
export function toJson(document: unknown): string {
  return JSON.stringify(
    document,
    (_, value: unknown) => {
      if (typeof value !== 'number' || Number.isFinite(value)) return value;
      if (Number.isNaN(value)) return null;
      return value > 0 ? 'inf' : '-inf';
    },
    2,
  );
}
