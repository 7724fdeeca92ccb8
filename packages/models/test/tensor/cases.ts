import {
  add,
  addAt,
  attention,
  concat,
  constant,
  div,
  erf,
  exp,
  expandLike,
  gather,
  geluTanh,
  input,
  layerNorm,
  log,
  logProbOf,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  type Node,
  pad,
  pick,
  reciprocal,
  reshape,
  rmsNorm,
  rotary,
  scalar,
  scatterAdd,
  sigmoid,
  silu,
  slice,
  softmax,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
} from '../../src/tensor/index.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { sizeOf, type Value, value } from './reference.ts';

/** A program with one result, and values for its inputs; those of `ids` are whole numbers. */
export interface Case {
  readonly name: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Numbers are drawn between these: away from poles, and small enough that no exponential is steep. */
  readonly between?: readonly [number, number];
  readonly ids?: Readonly<Record<string, readonly number[]>>;
  readonly build: (inputs: Readonly<Record<string, Node>>) => Node;
  /** False where no derivative is defined: only the value is compared. */
  readonly differentiable?: false;
}

/** The inputs of a case as nodes, and their values, drawn from a seed of its own. */
export function inputsOf({ name, shapes, ids = {}, between: [low, high] = [-1.5, 1.5] }: Case): {
  readonly nodes: Readonly<Record<string, Node>>;
  readonly values: Readonly<Record<string, Value>>;
} {
  const { uniform } = seededChooser([...name].reduce((seed, c) => Math.imul(seed, 31) + c.charCodeAt(0), 7));
  const nodes: Record<string, Node> = {};
  const values: Record<string, Value> = {};
  for (const [key, shape] of Object.entries(shapes)) {
    nodes[key] = input(key, shape);
    // As single precision has them, so that every runtime starts from the same numbers.
    const data = Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * uniform());
    values[key] = value(shape, data);
  }
  for (const [key, data] of Object.entries(ids)) {
    nodes[key] = input(key, [data.length], 'int32');
    values[key] = value([data.length], data);
  }
  return { nodes, values };
}

const POSITIVE = [0.6, 2] as const;

const UNARY: readonly Case[] = [
  { name: 'neg', shapes: { x: [3, 4] }, build: ({ x }) => neg(x) },
  { name: 'exp', shapes: { x: [3, 4] }, build: ({ x }) => exp(x) },
  { name: 'log', shapes: { x: [3, 4] }, between: POSITIVE, build: ({ x }) => log(x) },
  { name: 'sqrt', shapes: { x: [3, 4] }, between: POSITIVE, build: ({ x }) => sqrt(x) },
  { name: 'reciprocal', shapes: { x: [3, 4] }, between: POSITIVE, build: ({ x }) => reciprocal(x) },
  { name: 'tanh', shapes: { x: [3, 4] }, build: ({ x }) => tanh(x) },
  { name: 'sigmoid', shapes: { x: [3, 4] }, build: ({ x }) => sigmoid(x) },
  { name: 'erf', shapes: { x: [3, 4] }, build: ({ x }) => erf(x) },
];

const BROADCASTS: readonly (readonly [a: readonly number[], b: readonly number[]])[] = [
  [
    [3, 4],
    [3, 4],
  ],
  [
    [3, 4],
    [1, 4],
  ],
  [
    [3, 1],
    [3, 4],
  ],
  [[4], [2, 3, 4]],
  [[], [3, 2]],
  [
    [2, 1, 4],
    [3, 1],
  ],
  [
    [2, 1, 1, 3, 3],
    [2, 2, 2, 3, 3],
  ],
];

const BINARY: readonly Case[] = BROADCASTS.flatMap(([a, b]) =>
  (
    [
      ['add', add],
      ['sub', sub],
      ['mul', mul],
      ['div', div],
    ] as const
  ).map(([name, operation]) => ({
    name: `${name} [${a}] [${b}]`,
    shapes: { a, b },
    between: name === 'div' ? POSITIVE : ([-1.5, 1.5] as const),
    build: ({ a, b }: Readonly<Record<string, Node>>) => operation(a, b),
  })),
);

/** Shapes before any transposition, [… , m, k] and [… , k, n]. */
const PRODUCTS: readonly (readonly [a: readonly number[], b: readonly number[]])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [2, 2, 3],
    [2, 3, 4],
  ],
  [
    [2, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [2, 3, 4],
  ],
  [
    [1, 2, 3],
    [2, 3, 4],
  ],
  [
    [2, 3, 2, 3],
    [2, 3, 3, 2],
  ],
  [
    [2, 3, 2, 3],
    [2, 1, 3, 2],
  ],
  [
    [2, 1, 2, 3],
    [2, 3, 3, 2],
  ],
  [
    [2, 1, 2, 3],
    [1, 3, 3, 2],
  ],
  [
    [1, 3, 2, 3],
    [2, 1, 3, 2],
  ],
  [
    [2, 3, 2, 3],
    [3, 3, 2],
  ],
  [
    [2, 3, 2, 3],
    [3, 2],
  ],
  [
    [2, 2, 3, 2, 3],
    [2, 2, 1, 3, 2],
  ],
];

const exchanged = (shape: readonly number[]): readonly number[] => [
  ...shape.slice(0, -2),
  shape.at(-1)!,
  shape.at(-2)!,
];

const MATMUL: readonly Case[] = PRODUCTS.flatMap(([a, b]) =>
  [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({
      name: `matMul [${a}]${transposeA ? 'ᵀ' : ''} [${b}]${transposeB ? 'ᵀ' : ''}`,
      shapes: { a: transposeA ? exchanged(a) : a, b: transposeB ? exchanged(b) : b },
      build: ({ a, b }: Readonly<Record<string, Node>>) => matMul(a, b, { transposeA, transposeB }),
    })),
  ),
);

const REDUCTIONS: readonly Case[] = (
  [
    ['sum', sum],
    ['mean', mean],
  ] as const
).flatMap(([name, operation]) =>
  [[-1], [0], [1], [0, 2], [0, 1, 2]].map((axes) => ({
    name: `${name} over [${axes}]`,
    shapes: { x: [2, 3, 4] },
    build: ({ x }: Readonly<Record<string, Node>>) => operation(x, axes),
  })),
);

const SHAPES: readonly Case[] = [
  { name: 'softmax', shapes: { x: [3, 5] }, build: ({ x }) => softmax(x) },
  { name: 'softmax rank 4', shapes: { x: [2, 2, 3, 4] }, build: ({ x }) => softmax(x) },
  { name: 'logSoftmax', shapes: { x: [3, 5] }, build: ({ x }) => logSoftmax(x) },
  { name: 'logSoftmax rank 3', shapes: { x: [2, 3, 4] }, build: ({ x }) => logSoftmax(x) },
  { name: 'reshape', shapes: { x: [2, 6] }, build: ({ x }) => reshape(x, [3, 2, 2]) },
  { name: 'transpose [1,0]', shapes: { x: [2, 3] }, build: ({ x }) => transpose(x, [1, 0]) },
  { name: 'transpose [2,0,1]', shapes: { x: [2, 3, 4] }, build: ({ x }) => transpose(x, [2, 0, 1]) },
  { name: 'transpose [0,2,3,1,4]', shapes: { x: [2, 3, 2, 2, 4] }, build: ({ x }) => transpose(x, [0, 2, 3, 1, 4]) },
  { name: 'expandLike', shapes: { x: [3, 1], y: [2, 3, 4] }, build: ({ x, y }) => mul(expandLike(x, y), y) },
  { name: 'expandLike from a scalar', shapes: { x: [], y: [2, 3] }, build: ({ x, y }) => mul(expandLike(x, y), y) },
  { name: 'concat', shapes: { x: [2, 3], y: [2, 1], z: [2, 2] }, build: ({ x, y, z }) => concat([x, y, z], 1) },
  { name: 'concat axis 0 with itself', shapes: { x: [2, 3] }, build: ({ x }) => concat([x, mul(x, x), x], 0) },
  { name: 'concat rank 4', shapes: { x: [1, 2, 2, 3], y: [1, 2, 1, 3] }, build: ({ x, y }) => concat([x, y], -2) },
  { name: 'slice', shapes: { x: [3, 5] }, build: ({ x }) => slice(x, 1, 1, 4) },
  { name: 'slice axis 0', shapes: { x: [4, 2, 2] }, build: ({ x }) => slice(x, 0, 2, 4) },
  { name: 'slice to the end', shapes: { x: [2, 2, 5] }, build: ({ x }) => slice(x, -1, 3, 5) },
  { name: 'pad', shapes: { x: [2, 3] }, build: ({ x }) => pad(x, 1, 2, 1) },
  { name: 'pad axis 0 rank 3', shapes: { x: [2, 3, 2] }, build: ({ x }) => pad(x, 0, 0, 2) },
  { name: 'pad rank 5', shapes: { x: [2, 1, 2, 1, 2] }, build: ({ x }) => pad(x, 2, 1, 1) },
];

const INDEXED: readonly Case[] = [
  { name: 'gather', shapes: { x: [4, 3] }, ids: { i: [1, 0, 1, 3, 1] }, build: ({ x, i }) => gather(x, i) },
  {
    name: 'gather rows of rank 3 by ids of rank 2',
    shapes: { x: [4, 2, 3] },
    ids: { i: [3, 3, 0, 1, 3, 2] },
    build: ({ x, i }) => gather(x, reshape(i, [2, 3])),
  },
  {
    name: 'scatterAdd with repeated ids',
    shapes: { x: [6, 3] },
    ids: { i: [2, 0, 2, 2, 4, 0] },
    build: ({ x, i }) => scatterAdd(x, i, 5),
    differentiable: false,
  },
  { name: 'pick', shapes: { x: [4, 3] }, ids: { i: [2, 0, 2, 1] }, build: ({ x, i }) => pick(x, i) },
  {
    name: 'addAt',
    shapes: { x: [4, 3], v: [4, 1] },
    ids: { i: [2, 0, 2, 1] },
    build: ({ x, i, v }) => mul(addAt(x, i, v), addAt(x, i, v)),
  },
];

const COMPOSITES: readonly Case[] = [
  { name: 'rmsNorm', shapes: { x: [4, 6], g: [1, 6] }, build: ({ x, g }) => rmsNorm(x, g, 1e-2) },
  { name: 'layerNorm', shapes: { x: [4, 6], g: [1, 6], b: [1, 6] }, build: ({ x, g, b }) => layerNorm(x, g, b, 1e-2) },
  { name: 'silu', shapes: { x: [3, 4] }, build: ({ x }) => silu(x) },
  { name: 'geluTanh', shapes: { x: [3, 4] }, build: ({ x }) => geluTanh(x) },
  { name: 'rotary', shapes: { x: [2, 2, 3, 4] }, build: ({ x }) => rotary(x, ...angles(3, 4)) },
  {
    name: 'attention',
    shapes: { q: [2, 3, 4], k: [2, 5, 4], v: [2, 5, 3] },
    build: ({ q, k, v }) => attention(q, k, v, 0.5),
  },
  {
    name: 'attention with a causal mask, heads that share keys',
    shapes: { q: [2, 2, 2, 3, 4], k: [2, 2, 1, 3, 4], v: [2, 2, 1, 3, 4] },
    build: ({ q, k, v }) => attention(q, k, v, 0.5, causal(3)),
  },
  { name: 'logProbOf', shapes: { x: [4, 5] }, ids: { i: [0, 4, 4, 2] }, build: ({ x, i }) => logProbOf(x, i) },
  {
    name: 'one value used in many ways',
    shapes: { x: [3, 3], g: [1, 3] },
    build: ({ x, g }) => {
      const y = rmsNorm(x, g, 1e-2);
      return add(matMul(y, x, { transposeB: true }), mul(silu(y), add(y, transpose(x, [1, 0]))));
    },
  },
];

/** cos and sin of t / 3ʲ, both halves equal. */
function angles(positions: number, size: number): readonly [Node, Node] {
  const of = (f: (angle: number) => number): Node => {
    const angle = (i: number): number => Math.floor(i / size) / 3 ** (i % (size / 2));
    return constant(
      Float32Array.from({ length: positions * size }, (_, i) => f(angle(i))),
      [positions, size],
    );
  };
  return [of(Math.cos), of(Math.sin)];
}

function causal(length: number): Node {
  const hidden = (i: number): boolean => i % length > Math.floor(i / length);
  return mul(
    constant(
      Float32Array.from({ length: length * length }, (_, i) => (hidden(i) ? 1 : 0)),
      [length, length],
    ),
    scalar(-1e9),
  );
}

export const CASES: readonly Case[] = [
  ...[...UNARY, ...BINARY, ...REDUCTIONS, ...SHAPES],
  ...[...MATMUL, ...INDEXED, ...COMPOSITES],
];
