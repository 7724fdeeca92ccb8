export * from './composites.ts';
export { gradients, type Seed } from './gradient.ts';
export type { DataType, Elements, Node } from './node.ts';
export * from './operations.ts';
export { program, type Program } from './program.ts';
export type { CompiledProgram, CompileOptions, Tensor, TensorRuntime } from './runtime.ts';
export { type Dimension, type Shape, ShapeError, sizeOf, times } from './shape.ts';
