import type { Regex } from '../automata/regex/syntax.ts';

/** The same language as a JavaScript expression, flag `u`. */
export function javaScriptRegex(regex: Regex, mode: 'matches' | 'finds'): RegExp {
  const source = spell(regex);
  return new RegExp(mode === 'matches' ? `^(?:${source})$` : source, 'u');
}

function spell(regex: Regex): string {
  switch (regex.kind) {
    case 'set':
      return regex.js;
    case 'sequence':
      return regex.items.map(spell).join('');
    case 'either':
      return `(?:${regex.options.map(spell).join('|')})`;
    case 'repeat':
      return `(?:${spell(regex.of)}){${regex.min},${regex.max === Infinity ? '' : regex.max}}`;
    case 'start':
      return '^';
    case 'end':
      return '$';
    default:
      return regex satisfies never;
  }
}
