import type * as Tf from '@tensorflow/tfjs-core';
import type { Node } from '../node.ts';
import { broadcastSizes, multiplied } from './mat-mul.ts';

/** The functions of TensorFlow.js that are used here: `@tensorflow/tfjs-core` with a backend, or any package that holds them. */
export type Tfjs = typeof Tf;

/** Where backends differ. */
export interface Traits {
  /** Rows of one id are added by a product with a table of zeros and ones, where adding them in place may race. */
  readonly scatterByProduct: boolean;
}

/** The value of a node, given those of its inputs. The result is new, or another name of an input's memory. */
export function calculated(tf: Tfjs, traits: Traits, { op, shape }: Node, inputs: readonly Tf.Tensor[]): Tf.Tensor {
  const [a, b] = inputs;
  switch (op.kind) {
    case 'input':
      throw new Error(`no value was given for ${op.name}`);
    case 'constant':
      return tf.tensor(op.data, shape as number[], op.data instanceof Float32Array ? 'float32' : 'int32');
    case 'binary':
      return tf[op.name](a, b);
    case 'unary':
      return tf[op.name](a);
    case 'reduce':
      return tf[op.name](a, op.axes as number[], true);
    case 'softmax':
      return tf.softmax(a);
    case 'logSoftmax':
      return tf.logSoftmax(a);
    case 'matMul':
      return multiplied(tf, a, b, op.transposeA, op.transposeB);
    case 'reshape':
      return tf.reshape(
        a,
        shape.map((d) => (typeof d === 'number' ? d : -1)),
      );
    case 'transpose':
      return tf.transpose(a, op.permutation as number[]);
    case 'expandLike':
      return tf.broadcastTo(a, broadcastSizes(a.shape, b.shape));
    case 'concat':
      return tf.concat(inputs as Tf.Tensor[], op.axis);
    case 'slice': {
      const begin = a.shape.map((_, axis) => (axis === op.axis ? op.start : 0));
      return tf.slice(a, begin, a.shape.with(op.axis, op.end - op.start));
    }
    case 'pad':
      return tf.pad(
        a,
        a.shape.map((_, axis) => (axis === op.axis ? [op.before, op.after] : [0, 0])),
      );
    default:
      return indexed(tf, traits, op, inputs);
  }
}

type Indexed = Extract<Node['op'], { kind: 'gather' | 'scatterAdd' | 'pick' | 'addAt' }>;

/** The operations that pick or scatter by integers. */
function indexed(tf: Tfjs, traits: Traits, op: Indexed, [a, ids, values]: readonly Tf.Tensor[]): Tf.Tensor {
  switch (op.kind) {
    case 'gather':
      return tf.gather(a, ids as Tf.Tensor1D);
    case 'scatterAdd':
      if (traits.scatterByProduct) {
        const hot = tf.oneHot(ids as Tf.Tensor1D, op.rows, 1, 0, 'float32') as Tf.Tensor2D;
        return tf.matMul(hot, a as Tf.Tensor2D, true);
      }
      return tf.scatterND(tf.expandDims(ids, 1), a, [op.rows, a.shape[1] as number]);
    case 'pick':
      return tf.expandDims(tf.gatherND(a, rowAndId(tf, ids)), 1);
    case 'addAt':
      // Every row has one place of its own: nothing is added twice, whatever the order.
      return tf.add(a, tf.scatterND(rowAndId(tf, ids), tf.reshape(values, [-1]), a.shape));
    default:
      return op satisfies never;
  }
}

/** (i, ids[i]) for each i: [N, 2]. */
function rowAndId(tf: Tfjs, ids: Tf.Tensor): Tf.Tensor {
  return tf.stack([tf.range(0, ids.shape[0], 1, 'int32'), ids], 1);
}
