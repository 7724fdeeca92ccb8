import type { Builtin, Parameter } from './types.ts';

function parameterText(p: Parameter): string {
  if (p.variadic) return `${p.name}…`;
  if (p.default !== undefined) return `${p.name} = ${JSON.stringify(p.default)}`;
  return p.namedOnly ? `${p.name} = …` : p.name;
}

/** `count(text, whole_word = false, ignore_case = false) → Score`; optional ones without a default in brackets. */
export function signature(b: Builtin): string {
  if (b.form === 'value') return `${b.name} → ${b.result}`;
  const parameters = b.parameters.map((p) => (p.optional ? `[${parameterText(p)}]` : parameterText(p)));
  return `${b.name}(${parameters.join(', ')}) → ${b.result}`;
}
