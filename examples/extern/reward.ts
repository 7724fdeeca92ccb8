/** Share of vowels among the letters of a text; 0 for the empty text. */
export function vowels(text: string): number {
  const letters = [...text];
  if (letters.length === 0) return 0;
  return letters.filter((letter) => 'aeiou'.includes(letter)).length / letters.length;
}
