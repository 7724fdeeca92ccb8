import { formatRange } from '@postulate/graph';
import type { TypedProgram } from './check.ts';
import type { Definition, Entity } from './entities.ts';
import { typeName, type Value } from './values.ts';

function constantText(v: Value): string {
  switch (v.kind) {
    case 'number':
      return ` = ${Number.isFinite(v.value) ? v.value : v.value > 0 ? 'inf' : '-inf'}`;
    case 'string':
      return ` = ${JSON.stringify(v.value)}`;
    case 'boolean':
      return ` = ${v.value}`;
    case 'list':
      return ` of ${v.items.length}`;
    case 'record':
      return ` of ${v.entries.length}`;
    case 'data':
      return ` = ${v.source}(${JSON.stringify(v.name)})`;
    default:
      return '';
  }
}

/** The type of a value with its range, as the checker sees it. */
export function printType(v: Value): string {
  if (v.kind === 'score' || v.kind === 'random') return `${typeName(v)} in ${formatRange(v.range)}`;
  if (v.kind === 'distribution') {
    const bound = v.shape.maxTokens === undefined ? '' : `, at most ${v.shape.maxTokens} tokens`;
    return `Distribution (${v.normalised ? 'prior' : 'posterior'}${bound})`;
  }
  if (v.kind === 'number' && v.range.lo < v.range.hi) return `Number in ${formatRange(v.range)}${constantText(v)}`;
  return typeName(v) + constantText(v);
}

const KEYWORD: Readonly<Record<Definition['kind'], string>> = {
  param: 'param ',
  context: 'context ',
  extern: 'extern ',
  binding: '',
};

function printEntity(e: Entity): string {
  const s = e.definition;
  if (s.kind === 'binding' && s.parameters) {
    return `${e.name}(${s.parameters.map((p) => p.name).join(', ')}) : function`;
  }
  return `${KEYWORD[s.kind]}${e.name} : ${e.value ? printType(e.value) : 'error'}`;
}

/** Every name of the file with its type and range, one a line, for `post check --emit typed`. */
export function printTyped(typed: TypedProgram): string {
  const lines = typed.main.program.statements.flatMap((s): readonly string[] => {
    if (s.kind === 'property') return [`property ${JSON.stringify(s.title.value)} : Bool`];
    if (s.kind === 'import') {
      return s.names.map(({ imported, as }) => {
        const entity = typed.main.scope.get((as ?? imported).name);
        const known = entity ? printEntity({ ...entity, name: (as ?? imported).name }) : `${imported.name} : error`;
        return `import ${known}`;
      });
    }
    const entity = typed.main.scope.get(s.name.name);
    return entity?.definition === s ? [printEntity(entity)] : [];
  });
  return lines.map((line) => `${line}\n`).join('');
}
