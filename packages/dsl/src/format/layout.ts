import type { IToken, TokenType } from 'chevrotain';
import { endsValue } from '../syntax/token-kinds.ts';
import type { ConditionalParts, Group } from '../syntax/token-trees.ts';
import * as T from '../syntax/tokens.ts';
import { LINE, SOFT_LINE, concat, group, indent } from './doc.ts';
import type { Doc } from './doc.ts';
import { between, leaf } from './pieces.ts';
import type { CommentsAfter, Piece } from './pieces.ts';

/** Where a run of tokens may break, loosest first; the first kind present breaks. */
const BREAKING: readonly ReadonlySet<TokenType>[] = [
  new Set([T.Bar, T.Subject]),
  new Set([T.Implies]),
  new Set([T.Or]),
  new Set([T.And]),
  new Set([T.Equal, T.NotEqual, T.Less, T.LessEqual, T.Greater, T.GreaterEqual]),
  new Set([T.Plus, T.Minus]),
  new Set([T.Times, T.Divide]),
  new Set([T.Power]),
];

const isBracket = ({ tokenType }: IToken): boolean =>
  tokenType === T.Parens || tokenType === T.Brackets || tokenType === T.Braces;

/** Lays out the token trees of statements. Only tokens and comments decide, so the result is laid out the same again. */
export class Layout {
  readonly #commentsAfter: CommentsAfter;

  constructor(commentsAfter: CommentsAfter) {
    this.#commentsAfter = commentsAfter;
  }

  /** A whole statement. */
  statement(items: readonly IToken[]): Doc {
    if (items[0].tokenType !== T.Property) return this.#run(items).doc;
    const [title, ...rest] = splitAfter(items, T.Colon).map((part) => this.#run(part));
    const docs = [title.doc];
    let before = title;
    for (const piece of rest) {
      docs.push(indent(concat([between(before, LINE), piece.doc])));
      before = piece;
    }
    return group(concat(docs));
  }

  /** Tokens that no comma separates. */
  #run(items: readonly IToken[]): Piece {
    const mark = items.findIndex((t) => t.tokenType === T.Assign || t.tokenType === T.Colon);
    if (mark !== -1 && mark < items.length - 1) return this.#defined(items, mark);
    const conditional = items.findIndex((t) => t.tokenType === T.Conditional);
    if (conditional > 0)
      return this.#joined(this.#run(items.slice(0, conditional)), this.#run(items.slice(conditional)));
    if (conditional === 0) return this.#conditional(items);
    const level = BREAKING.find((types) => items.some((_, i) => isBreak(items, i, types)));
    return level === undefined ? this.#plain(items) : this.#chain(items, level);
  }

  /** `name = value`, `key: value`. */
  #defined(items: readonly IToken[], mark: number): Piece {
    const left = this.#plain(items.slice(0, mark + 1));
    const right = this.#run(items.slice(mark + 1));
    return {
      doc: concat([left.doc, indent(concat([between(left, ' '), group(right.doc)]))]),
      mustBreak: right.mustBreak,
    };
  }

  #joined(left: Piece, right: Piece): Piece {
    return { doc: concat([left.doc, between(left, ' '), right.doc]), mustBreak: right.mustBreak };
  }

  /** `if c then a else if d then b else e`: one line, or one line a branch. */
  #conditional(items: readonly IToken[]): Piece {
    const branches: Doc[] = [];
    let rest = items;
    let opening: Piece | undefined;
    while (rest.length > 0 && rest[0].tokenType === T.Conditional) {
      const { condition, then } = rest[0].payload as ConditionalParts;
      const test = this.#joined(this.#word('if', rest[0].startOffset), this.#run(condition.items));
      const opened: Piece = opening === undefined ? test : this.#joined(opening, test);
      const value = this.#joined(this.#word('then', condition.endOffset), this.#run(then.items));
      branches.push(opened.doc, indent(concat([between(opened, LINE), value.doc, between(value, LINE)])));
      opening = this.#word('else', then.endOffset);
      rest = rest.slice(1);
    }
    const last = opening === undefined ? this.#run(rest) : this.#joined(opening, this.#run(rest));
    branches.push(indent(last.doc));
    return { doc: group(concat(branches)), mustBreak: last.mustBreak };
  }

  #word(image: string, offset: number): Piece {
    return leaf(image, this.#commentsAfter(offset));
  }

  /** Operands that operators of one level join, each operator first on its line. */
  #chain(items: readonly IToken[], level: ReadonlySet<TokenType>): Piece {
    const starts = items.flatMap((_, i) => (isBreak(items, i, level) ? [i] : []));
    let before = this.#run(items.slice(0, starts[0]));
    const first = before.doc;
    const rest: Doc[] = [];
    starts.forEach((start, i) => {
      const operator = this.#token(items[start]);
      const operand = items.slice(start + 1, starts[i + 1]);
      const link = operand.length === 0 ? operator : this.#joined(operator, this.#run(operand));
      rest.push(between(before, LINE), link.doc);
      before = link;
    });
    return { doc: group(concat([first, indent(concat(rest))])), mustBreak: before.mustBreak };
  }

  #plain(items: readonly IToken[]): Piece {
    let before = this.#token(items[0]);
    const docs = [before.doc];
    for (let i = 1; i < items.length; i++) {
      const piece = this.#token(items[i]);
      docs.push(between(before, gap(items[i - 1], items[i])), piece.doc);
      before = piece;
    }
    return { doc: concat(docs), mustBreak: before.mustBreak };
  }

  #token(token: IToken): Piece {
    return isBracket(token) ? this.#bracket(token) : this.#word(token.image, token.startOffset);
  }

  #bracket(token: IToken): Piece {
    const { open, end, items } = token.payload as Group;
    const opening = this.#word(open.image, open.startOffset);
    const closing = this.#word(end?.image ?? '', end?.startOffset ?? -1);
    const { mustBreak } = closing;
    if (items.length === 0) return { doc: concat([opening.doc, between(opening, ''), closing.doc]), mustBreak };
    const pad = token.tokenType === T.Braces ? LINE : SOFT_LINE;
    const pieces = splitAfter(items, T.Comma).map((item) => this.#run(item));
    const last = pieces[pieces.length - 1];
    if (items.length === 1 && isBracket(items[0]) && pad === SOFT_LINE && !opening.mustBreak && !last.mustBreak) {
      return { doc: concat([opening.doc, last.doc, closing.doc]), mustBreak };
    }
    const inside = pieces.flatMap((piece, i) => [
      between(i === 0 ? opening : pieces[i - 1], i === 0 ? pad : LINE),
      piece.doc,
    ]);
    return { doc: group(concat([opening.doc, indent(concat(inside)), between(last, pad), closing.doc])), mustBreak };
  }
}

/** Is this a place where a chain of this level may break? A minus sign that opens a value is not. */
function isBreak(items: readonly IToken[], at: number, level: ReadonlySet<TokenType>): boolean {
  return at > 0 && level.has(items[at].tokenType) && endsValue(items[at - 1]);
}

/** Parts that each end in the mark, except the last. */
function splitAfter(items: readonly IToken[], mark: TokenType): readonly (readonly IToken[])[] {
  const parts: IToken[][] = [[]];
  items.forEach((item, i) => {
    parts[parts.length - 1].push(item);
    if (item.tokenType === mark && i < items.length - 1) parts.push([]);
  });
  return parts;
}

/** Between neighbours that no operator separates. */
function gap(left: IToken, right: IToken): Doc {
  if (right.tokenType === T.Comma || right.tokenType === T.Colon || left.tokenType === T.Minus) return '';
  return right.tokenType === T.Parens && endsValue(left) ? '' : ' ';
}
