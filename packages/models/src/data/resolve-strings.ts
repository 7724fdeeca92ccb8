import { type Argument, fail } from '@postulate/graph';
import type { DataSource } from './data-source.ts';

/** The strings of a list or of data from outside the file. */
export async function resolveStrings(argument: Argument, data: DataSource): Promise<readonly string[]> {
  if (argument.kind === 'data') {
    switch (argument.source) {
      case 'wordlist':
        return data.wordlist(argument.name);
      case 'lines':
        return data.lines(argument.name);
      case 'corpus':
        return data.corpus(argument.name);
      default:
        return argument.source satisfies never;
    }
  }
  if (argument.kind === 'list') {
    return argument.items.map((item) => {
      if (item.kind === 'string') return item.value;
      throw fail('P307', `a list of strings was expected, but one item is a ${item.kind}.`);
    });
  }
  throw fail('P307', `a list of strings was expected, but found a ${argument.kind}.`);
}
