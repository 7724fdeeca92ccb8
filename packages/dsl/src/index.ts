export type * from './syntax/ast.ts';
