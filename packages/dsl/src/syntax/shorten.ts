const LONGEST = 40;

/** At most 40 code points of a text that a message quotes. */
export function shorten(text: string): string {
  const points = [...text.slice(0, 2 * LONGEST + 2)];
  return points.length > LONGEST ? `${points.slice(0, LONGEST).join('')}…` : text;
}
