const width = (text: string) => [...text].length;

/** Rows as columns separated by two spaces; columns named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, c) => (widths[c] = Math.max(widths[c] ?? 0, width(cell))));
  return rows
    .map((row) =>
      row
        .map((cell, c) => {
          const space = ' '.repeat(widths[c] - width(cell));
          return right.includes(c) ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
