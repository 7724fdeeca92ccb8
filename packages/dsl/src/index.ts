export type * from './syntax/ast.ts';
export { parse } from './syntax/parse.ts';
export type { Parsed } from './syntax/parse.ts';
export type { TokenInfo, TokenKind } from './syntax/token-info.ts';
export { MAX_NESTING, MAX_TREE_DEPTH } from './syntax/limits.ts';
export { quote } from './syntax/string-text.ts';
