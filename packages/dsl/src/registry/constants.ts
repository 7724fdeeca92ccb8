import type { Argument, Range, Span } from '@postulate/graph';

export interface ConstantItem {
  readonly value: Constant;
  readonly span: Span;
}

/** A constant of the file with everything known about it, places included. */
export type Constant =
  /** `value` under the present params, `range` under every value they may take; `param` if it is just that param. */
  | { readonly kind: 'number'; readonly value: number; readonly range: Range; readonly param?: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'list'; readonly items: readonly ConstantItem[] }
  | { readonly kind: 'record'; readonly entries: readonly (ConstantItem & { readonly key: string })[] }
  | { readonly kind: 'data'; readonly source: 'wordlist' | 'lines' | 'corpus'; readonly name: string }
  /** A string that takes one value per context. */
  | { readonly kind: 'context'; readonly name: string };

/** The constant as the graph carries it. */
export function toArgument(constant: Constant): Argument {
  switch (constant.kind) {
    case 'number':
      return { kind: 'number', value: constant.value };
    case 'list':
      return { kind: 'list', items: constant.items.map((i) => toArgument(i.value)) };
    case 'record':
      return { kind: 'record', entries: constant.entries.map((e) => [e.key, toArgument(e.value)] as const) };
    default:
      return constant;
  }
}
