export { check, type Typed, type TypedProgram } from './check.ts';
export { compile, type Compiled, type CompileOptions } from './compile.ts';
export type { Entity, Module } from './entities.ts';
export { lower } from './lower.ts';
export type { SourceHost } from './modules.ts';
export { printType, printTyped } from './print-typed.ts';
export { describe, typeName, type Value } from './values.ts';
