import { fail } from '@postulate/graph';
import type { LanguageModel, Vocabulary } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { nextContext, rootOf } from './table-lookup.ts';
import { tableModel } from './table-model.ts';

/** Cuts a prompt into tokens: at the separator, or where that is empty by the longest token that fits, in bytes where tokens are such. */
export function segment(text: string, vocabulary: Vocabulary): readonly string[] {
  const { bytes } = vocabulary;
  if (bytes !== undefined) {
    const keys = bytes.map((b) => Buffer.from(b).toString('latin1'));
    // Of tokens that spell the same the first one counts, and one of no bytes never.
    const nameOf = new Map(keys.map((key, id) => [key, vocabulary.tokens[id]] as const).reverse());
    nameOf.delete('');
    const pieces = longestFits(Buffer.from(text).toString('latin1'), new Set(nameOf.keys()));
    return pieces.map((piece) => nameOf.get(piece) ?? piece);
  }
  if (vocabulary.separator !== '') return text.split(vocabulary.separator).filter((token) => token !== '');
  return longestFits(text, new Set(vocabulary.tokens));
}

/** Cuts a text from left to right into the longest strings of `known`, or characters where none fits. */
function longestFits(text: string, known: ReadonlySet<string>): string[] {
  let longest = 1;
  for (const token of known) longest = Math.max(longest, token.length);
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + longest);
    while (end > at && !known.has(text.slice(at, end))) end--;
    if (end === at) end = at + String.fromCodePoint(text.codePointAt(at) as number).length;
    tokens.push(text.slice(at, end));
    at = end;
  }
  return tokens;
}

/**
 * The law of what follows `prompt`: the start context is the one that the prompt leads to from the start of a text. A token that the
 * model does not know makes a back-off model forget what came before it; a chain given in full, which cannot forget, refuses it
 * (P307). The prompt is not part of the text and not counted in `maxTokens`.
 */
export function prompted(
  model: LanguageModel,
  prompt: string,
  cut: (text: string) => readonly string[],
): LanguageModel {
  const { table, vocabulary, maxTokens } = model;
  if (table === undefined) throw fail('P307', 'this prior takes no prompt.');
  const idOf = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const forgets = table.parent.some((h) => h !== -1);
  let context = table.start;
  for (const token of cut(prompt)) {
    const id = idOf.get(token);
    const next = id === undefined ? -1 : nextContext(table, context, id);
    if (next === -1 && !forgets) throw cannotFollow(token, id !== undefined);
    context = next === -1 ? rootOf(table, context) : next;
  }
  return tableModel({
    id: contentId('prompted', model.id, prompt),
    vocabulary,
    maxTokens,
    table: { ...table, start: context, origin: table.origin ?? table.start },
  });
}

function cannotFollow(token: string, known: boolean): Error {
  const why = known ? 'which the rows give probability zero there' : 'which the model does not have';
  return fail('P307', `the prompt holds the token "${token}", ${why}.`);
}
