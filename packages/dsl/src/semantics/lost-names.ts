import type { Diagnostic } from '@postulate/graph';

const DEFINITIONS = [/\b(?:param|context|score|event)\s+([A-Za-z_]\w*)/g, /^[ \t]*([A-Za-z_]\w*)[ \t]*[=(]/gm];

function namesThatSeemDefined(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  for (const pattern of DEFINITIONS) for (const [, name] of text.matchAll(pattern)) names.add(name);
  for (const [, list] of text.matchAll(/\bimport\s*\{([^}]*)\}/g)) {
    for (const [name] of list.matchAll(/[A-Za-z_]\w*/g)) names.add(name);
  }
  return names;
}

/** A statement that could not be read takes its name with it: complaints that the name is unknown would be noise. */
export function withoutLostNames(semantic: readonly Diagnostic[], text: string, source: string): readonly Diagnostic[] {
  const names = namesThatSeemDefined(text);
  return semantic.filter((d) => {
    if (d.code !== 'P100' || d.span?.source !== source) return true;
    return !names.has(text.slice(d.span.start, d.span.end));
  });
}
