import type { Program, Statement, StatementOf } from '../syntax/ast.ts';
import type { Value } from './values.ts';

/** Statements that give a name to something. */
export type Definition = StatementOf<'binding'> | StatementOf<'param'> | StatementOf<'context'> | StatementOf<'extern'>;

/** A name that a file defines. */
export interface Entity {
  readonly name: string;
  readonly definition: Definition;
  readonly module: Module;
  /** What its definition refers to, filled in when names are resolved. */
  readonly uses: Set<Entity>;
  /** Filled in when it is checked; functions are checked at each call instead. */
  value: Value | undefined;
}

/** What a name of a scope stands for; `undefined` where an import failed. */
export type Scope = Map<string, Entity | undefined>;

/** One `.post` file with its names. */
export interface Module {
  /** What the host calls the file. */
  readonly key: string;
  readonly program: Program;
  readonly main: boolean;
  /** In the order of the file, imported names excluded. */
  readonly entities: Entity[];
  readonly scope: Scope;
}

export const isFunction = (e: Entity): boolean =>
  e.definition.kind === 'binding' && e.definition.parameters !== undefined;

export function definesName(s: Statement): s is Definition {
  return s.kind === 'binding' || s.kind === 'param' || s.kind === 'context' || s.kind === 'extern';
}
