import { fail, type PostError } from '@postulate/graph';
import type { BackoffTable, Vocabulary } from '../../port/index.ts';
import { END_WORD, NgramTrie, ROOT, START_WORD } from '../ngram-trie.ts';
import { hasDeadContext } from '../table-norm.ts';
import { trieTable } from '../trie-table.ts';
import { emptyFields, fieldNumber, fieldText, splitFields } from './fields.ts';
import { WordIndex } from './word-index.ts';

const UNKNOWN_WORD = 0x7ffffffd;
const SPECIAL = new Map([
  ['<s>', START_WORD],
  ['</s>', END_WORD],
  ['<unk>', UNKNOWN_WORD],
  ['<UNK>', UNKNOWN_WORD],
]);
/** Room for the rounding of a probability of one, log10. */
const LOG_ROUNDING = 1e-4;
const LOG_ZERO = -99;

/** What an ARPA file says, with the vocabulary in the order of its unigrams. */
export interface ArpaContent {
  readonly vocabulary: Vocabulary;
  readonly order: number;
  readonly table: BackoffTable;
}

/** Reads an ARPA file line by line. Every complaint is a P501 with the number of the line. */
export class ArpaParser {
  private readonly file: string;
  private line = 0;
  private state: 'preamble' | 'header' | 'section' | 'done' = 'preamble';
  /** counts[k − 1] = n-grams of order k that the header announces. */
  private readonly counts: number[] = [];
  private section = 0;
  private found = 0;
  private readonly words = new WordIndex();
  private readonly tokens: string[] = [];
  private readonly trie = new NgramTrie();
  private startNode = ROOT;
  private readonly fields = emptyFields();
  private readonly ids = new Int32Array(64);
  private readonly memo = { length: -1, node: ROOT, ids: new Int32Array(64) };
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  constructor(file: string) {
    this.file = file;
  }

  feed(bytes: Buffer, from: number, to: number): void {
    this.line++;
    if (this.state === 'done') return;
    splitFields(this.fields, bytes, from, to);
    if (this.fields.count === 0) return;
    if (this.state === 'section' && bytes[this.fields.starts[0]] !== BACKSLASH) this.ngramLine();
    else this.structuralLine(bytes.toString('latin1', from, to).trim());
  }

  finish(): Omit<ArpaContent, 'vocabulary'> & { readonly tokens: readonly string[] } {
    if (this.state === 'preamble') throw this.wrong('there is no line "\\data\\", so this is no ARPA file');
    if (this.state !== 'done') throw this.wrong('the file ends without "\\end\\"; it may have been cut off');
    const order = this.counts.length;
    const table = trieTable(this.trie, this.tokens.length, order, this.startNode);
    if ('line' in table) throw this.wrong('this n-gram was given before', table.line);
    if (hasDeadContext(table)) throw this.wrong('the model has a context after which every token has probability zero');
    return { tokens: this.tokens, order, table };
  }

  private wrong(what: string, line = this.line): PostError {
    return fail('P501', `${this.file}:${line}: ${what}.`, { kind: 'outside' });
  }

  private structuralLine(text: string): void {
    if (this.state === 'preamble') {
      if (/^(\u00ef\u00bb\u00bf)?\\data\\$/.test(text)) this.state = 'header';
      return;
    }
    const section = /^\\(\d+)-grams:$/.exec(text);
    if (section !== null) this.beginSection(Number(section[1]));
    else if (text === '\\end\\') this.end();
    else if (this.state === 'header') this.headerLine(text);
    else throw this.wrong(`expected an n-gram, "\\${this.section + 1}-grams:" or "\\end\\", found "${shorten(text)}"`);
  }

  private headerLine(text: string): void {
    const match = /^ngram\s+(\d+)\s*=\s*(\d+)$/.exec(text);
    if (match === null) throw this.wrong(`expected a line like "ngram 1=100", found "${shorten(text)}"`);
    if (Number(match[1]) !== this.counts.length + 1) {
      throw this.wrong(`expected the count of order ${this.counts.length + 1}, found that of order ${match[1]}`);
    }
    this.counts.push(Number(match[2]));
  }

  private beginSection(order: number): void {
    this.checkCount();
    if (order !== this.section + 1)
      throw this.wrong(`expected "\\${this.section + 1}-grams:", found "\\${order}-grams:"`);
    if (order > this.counts.length) throw this.wrong(`the header announces no n-grams of order ${order}`);
    this.state = 'section';
    this.section = order;
    this.found = 0;
  }

  private checkCount(): void {
    if (this.section === 0 || this.counts[this.section - 1] === this.found) return;
    const announced = this.counts[this.section - 1];
    throw this.wrong(`the header announces ${announced} n-grams of order ${this.section}, but there are ${this.found}`);
  }

  private end(): void {
    this.checkCount();
    if (this.section < Math.max(1, this.counts.length)) {
      throw this.wrong(`there is no section "\\${this.section + 1}-grams:"`);
    }
    if (this.tokens.length === 0) throw this.wrong('the model has no words that could be generated');
    this.state = 'done';
  }

  private ngramLine(): void {
    const { fields, section } = this;
    this.found++;
    const last = section === this.counts.length;
    if (fields.count !== section + 1 && fields.count !== section + 2) {
      throw this.wrong(
        `expected a log-probability, ${section} word(s) and at most one back-off weight, found ${fields.count} fields`,
      );
    }
    const prob = this.weight(0, 'log-probability');
    if (prob > 10 ** LOG_ROUNDING) throw this.wrong(`the log-probability ${fieldText(fields, 0)} is above 0`);
    const backoff = fields.count === section + 2 ? this.weight(section + 1, 'back-off weight') : 1;
    if (section === 1) this.unigram(prob, backoff, last);
    else this.ngram(prob, backoff, last);
  }

  /** 10^x of a field; x ≤ −99 stands for zero. */
  private weight(index: number, what: string): number {
    const log = fieldNumber(this.fields, index);
    if (Number.isNaN(log) || log > 300)
      throw this.wrong(`"${shorten(fieldText(this.fields, index))}" is not a ${what}`);
    return log <= LOG_ZERO ? 0 : 10 ** log;
  }

  private unigram(prob: number, backoff: number, last: boolean): void {
    const { fields, trie } = this;
    const [from, to] = [fields.starts[1], fields.ends[1]];
    const special = SPECIAL.get(fieldText(fields, 1));
    const id = special ?? this.tokens.length;
    if (!this.words.add(fields.bytes, from, to, id)) throw this.wrong('this n-gram was given before');
    if (special === undefined) this.tokens.push(this.decodeWord(from, to));
    if (id === UNKNOWN_WORD) return;
    const node = last || id === END_WORD ? -1 : trie.childOrNew(ROOT, id);
    if (node !== -1) trie.backoff.data[node] = backoff;
    if (id === START_WORD) this.startNode = Math.max(node, ROOT);
    else trie.addEntry(ROOT, id, prob, node, this.line);
  }

  private decodeWord(from: number, to: number): string {
    try {
      return this.decoder.decode(this.fields.bytes.subarray(from, to));
    } catch (cause) {
      throw fail('P501', `${this.file}:${this.line}: the word is not valid UTF-8; convert the file to UTF-8.`, {
        kind: 'outside',
        cause,
      });
    }
  }

  private ngram(prob: number, backoff: number, last: boolean): void {
    const { trie, section, ids } = this;
    if (!this.readWords()) return;
    const context = this.contextOf(section - 1);
    const word = ids[section - 1];
    const node = last || word === END_WORD ? -1 : trie.childOrNew(context, word);
    if (node !== -1) {
      if (trie.entryOf.data[node] !== -1) throw this.wrong('this n-gram was given before');
      trie.backoff.data[node] = backoff;
    }
    trie.addEntry(context, word, prob, node, this.line);
  }

  /** The node of the first `length` words; that of the line before where they are the same, as they mostly are. */
  private contextOf(length: number): number {
    const { ids, memo, trie } = this;
    let same = memo.length === length;
    for (let i = 0; same && i < length; i++) same = memo.ids[i] === ids[i];
    if (same) return memo.node;
    let node = ROOT;
    for (let i = 0; i < length; i++) {
      node = trie.childOrNew(node, ids[i]);
      memo.ids[i] = ids[i];
    }
    memo.length = length;
    return (memo.node = node);
  }

  /** False for an n-gram that no generated text can meet: with `<unk>`, an inner `</s>` or an `<s>` that is not first. */
  private readWords(): boolean {
    const { fields, section } = this;
    let reachable = true;
    for (let i = 0; i < section; i++) {
      const id = this.words.find(fields.bytes, fields.starts[i + 1], fields.ends[i + 1]);
      if (id === undefined) {
        const word = fields.bytes.toString('utf8', fields.starts[i + 1], fields.ends[i + 1]);
        throw this.wrong(`the word "${shorten(word)}" is not among the 1-grams`);
      }
      if (id === UNKNOWN_WORD || (id === START_WORD && i > 0) || (id === END_WORD && i < section - 1))
        reachable = false;
      this.ids[i] = id;
    }
    return reachable;
  }
}

const BACKSLASH = 92;

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
