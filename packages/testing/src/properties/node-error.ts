import { featureRange, operands, type NodeId, type NodeOf } from '@postulate/graph';
import { andThen, subBatch, type Maybe, type TextEvaluator } from '@postulate/inference';
import type { TextBatch } from '@postulate/models';
import { byFunction, rounded, ROUNDOFF } from './column.ts';

type Values = Float64Array;

/** Roundoff of what neural models compute, in single precision, with the length of their inner products. */
const NEURAL_ROUNDOFF = 2 ** -12;

/** Operations behind each token's log-probability of a finite-state prior: weights, back-off, norm, quotient, log. */
const OPERATIONS_A_TOKEN = 16;

const zeros = (batch: TextBatch): Values => new Float64Array(batch.size);

const lengthOf = (batch: TextBatch, i: number): number => batch.offsets[i + 1] - batch.offsets[i];

/**
 * How far the values of scores and densities on a batch may be from what exact arithmetic would give, by running error
 * analysis along the graph. Fitted multipliers, externs and the tables of priors are taken as what they are.
 */
export class NodeErrors {
  private readonly known = new Map<string, Promise<Values>>();

  constructor(
    private readonly evaluator: TextEvaluator,
    private readonly batch: TextBatch,
  ) {}

  private keep(key: string, make: () => Promise<Values>): Promise<Values> {
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = make()));
    return found;
  }

  private async values(id: NodeId): Promise<Values> {
    return this.evaluator.value(id, this.batch);
  }

  /** Absolute error of a score; events are what they were computed to be. */
  value(id: NodeId): Promise<Values> {
    return this.keep(`value ${id}`, () => this.ofValue(id));
  }

  /** Absolute error of the log of a non-negative score. */
  log(id: NodeId): Promise<Values> {
    return this.keep(`log ${id}`, () => this.ofLog(id));
  }

  private map(f: (i: number) => number): Values {
    return Float64Array.from({ length: this.batch.size }, (_, i) => {
      const error = f(i);
      return Number.isNaN(error) ? 0 : error;
    });
  }

  private async ofValue(id: NodeId): Promise<Values> {
    const node = this.evaluator.graph.nodes[id];
    if (node.type === 'event' || node.kind === 'number' || node.kind === 'indicator') return zeros(this.batch);
    const value = await this.values(id);
    switch (node.kind) {
      case 'feature':
        return this.ofFeature(node, value);
      case 'externScore':
        return zeros(this.batch);
      case 'logProb':
        return this.density(node.distribution);
      case 'choose':
        return this.ofBranches(node, (errors, branch) => errors.value(branch));
      case 'negate':
        return this.value(node.of);
      case 'arithmetic':
        return this.ofArithmetic(node, value);
      case 'apply':
        return this.ofFunction(node, value);
      default: {
        const parts = await Promise.all(operands(node).map((o) => this.operandError(o)));
        return this.map((i) => 32 * rounded(value[i]) + parts.reduce((sum, p) => sum + p[i], 0) * 4);
      }
    }
  }

  private async operandError(id: NodeId): Promise<Values> {
    const { type } = this.evaluator.graph.nodes[id];
    return type === 'score' ? this.value(id) : zeros(this.batch);
  }

  /** Sums of weights over the words of a text; whole numbers are exact. */
  private ofFeature(node: NodeOf<'feature'>, value: Values): Values {
    const range = featureRange(node.name, node.args, { maxTokens: 1, maxChars: 1 });
    const weight = Math.max(Math.abs(range.lo), Math.abs(range.hi));
    return this.map((i) => {
      if (Number.isInteger(value[i])) return 0;
      const terms = lengthOf(this.batch, i) + 1;
      const partial = Number.isFinite(weight) ? terms * Math.max(weight, 1) : terms * (Math.abs(value[i]) + 1);
      return terms * partial * ROUNDOFF;
    });
  }

  private async ofArithmetic(node: NodeOf<'arithmetic'>, value: Values): Promise<Values> {
    const [a, b] = [await this.values(node.left), await this.values(node.right)];
    const [ea, eb] = [await this.value(node.left), await this.value(node.right)];
    return this.map((i) => {
      const own = rounded(value[i]);
      switch (node.op) {
        case 'add':
        case 'subtract':
          return ea[i] + eb[i] + own;
        case 'multiply':
          return Math.abs(a[i]) * eb[i] + Math.abs(b[i]) * ea[i] + own;
        case 'divide':
          return (ea[i] + Math.abs(value[i]) * eb[i]) / Math.abs(b[i]) + own;
        case 'power': {
          const base = a[i] === 0 ? 0 : Math.abs((value[i] * b[i] * ea[i]) / a[i]);
          const exponent = a[i] > 0 ? Math.abs(value[i] * Math.log(a[i]) * eb[i]) : 0;
          return base + exponent + byFunction(value[i]);
        }
        default:
          return node.op satisfies never;
      }
    });
  }

  private async ofFunction(node: NodeOf<'apply'>, value: Values): Promise<Values> {
    const errors = await Promise.all(node.args.map((a) => this.value(a)));
    const at = await Promise.all(node.args.map((a) => this.values(a)));
    return this.map((i) => {
      const [e] = errors;
      switch (node.fn) {
        case 'exp':
          return value[i] * Math.expm1(e[i]) + byFunction(value[i]);
        case 'log':
          return at[0][i] === 0 ? 0 : e[i] / Math.abs(at[0][i]) + byFunction(value[i]);
        case 'sqrt':
          return value[i] === 0 ? 0 : e[i] / (2 * value[i]) + byFunction(value[i]);
        case 'sigmoid':
          return e[i] / 4 + byFunction(value[i]);
        case 'log_sigmoid':
          return e[i] + byFunction(value[i]);
        case 'abs':
        case 'min':
        case 'max':
        case 'clamp':
          return Math.max(...errors.map((x) => x[i]));
        default:
          return node.fn satisfies never;
      }
    });
  }

  /** Only the branch taken is looked at, as in evaluation. */
  private async ofBranches(
    node: NodeOf<'choose'>,
    of: (errors: NodeErrors, branch: NodeId) => Promise<Values>,
  ): Promise<Values> {
    const condition = await this.values(node.condition);
    const out = zeros(this.batch);
    for (const [branch, taken] of [
      [node.then, 1],
      [node.else, 0],
    ] as const) {
      // prettier-ignore
      const rows = Int32Array.from(condition.keys()).filter((i) => Number(condition[i] !== 0) === taken);
      if (rows.length === 0) continue;
      const part = await of(new NodeErrors(this.evaluator, subBatch(this.batch, rows)), branch);
      rows.forEach((row, i) => (out[row] = part[i]));
    }
    return out;
  }

  private async ofLog(id: NodeId): Promise<Values> {
    const { graph } = this.evaluator;
    const node = graph.nodes[id];
    if (node.kind === 'indicator') return zeros(this.batch);
    if (node.kind === 'choose') return this.ofBranches(node, (errors, branch) => errors.log(branch));
    if (node.kind === 'apply' && node.fn === 'exp') return this.value(node.args[0]);
    const logs = await this.evaluator.logValue(id, this.batch);
    if (node.kind === 'number') return this.map((i) => byFunction(logs[i]));
    const nonNegative = (o: NodeId): boolean => this.evaluator.range(o).lo >= 0;
    if (node.kind === 'arithmetic' && node.op !== 'subtract' && operands(node).every(nonNegative)) {
      return this.ofLogArithmetic(node, logs);
    }
    const [value, error] = [await this.values(id), await this.value(id)];
    return this.map((i) => (value[i] === 0 ? 0 : error[i] / value[i] + byFunction(logs[i])));
  }

  private async ofLogArithmetic(node: NodeOf<'arithmetic'>, logs: Values): Promise<Values> {
    if (node.op === 'power') {
      const [k, e] = [await this.values(node.right), await this.log(node.left)];
      return this.map((i) => Math.abs(k[i]) * e[i] + 2 * rounded(logs[i]));
    }
    const [a, b] = [await this.log(node.left), await this.log(node.right)];
    const joined = node.op === 'add' ? Math.max : (x: number, y: number) => x + y;
    return this.map((i) => joined(a[i], b[i]) + byFunction(logs[i]) + (node.op === 'add' ? byFunction(1) : 0));
  }

  /** Of the unnormalised log density of a distribution. */
  density(id: NodeId): Promise<Values> {
    return this.keep(`density ${id}`, async () => this.ofDensity(id, true));
  }

  /** Of the log of the unnormalised density over that of the prior. */
  ratio(id: NodeId): Promise<Values> {
    return this.keep(`ratio ${id}`, async () => this.ofDensity(id, false));
  }

  private async ofDensity(id: NodeId, withPrior: boolean): Promise<Values> {
    const node = this.evaluator.graph.nodes[id];
    switch (node.kind) {
      case 'prior':
      case 'mixture':
        return withPrior ? this.ofPrior(id) : zeros(this.batch);
      case 'tempered': {
        const [inner, all] = [await this.density(node.base), await this.evaluator.logDensity(id, this.batch)];
        return this.map((i) => node.exponent * inner[i] * (withPrior ? 1 : 2) + 2 * rounded(all[i]));
      }
      case 'posterior':
        return this.ofPosterior(id, node, withPrior);
      default:
        return zeros(this.batch);
    }
  }

  private async ofPrior(id: NodeId): Promise<Values> {
    const logs = await this.evaluator.logDensity(id, this.batch);
    const unit = this.evaluator.prior.capabilities.has('finiteState') ? ROUNDOFF : NEURAL_ROUNDOFF;
    return this.map((i) => {
      const steps = lengthOf(this.batch, i) + 2;
      return logs[i] === -Infinity ? 0 : unit * steps * (Math.abs(logs[i]) + OPERATIONS_A_TOKEN);
    });
  }

  private async ofPosterior(id: NodeId, node: NodeOf<'posterior'>, withPrior: boolean): Promise<Values> {
    const lambda = this.evaluator.multipliers(id);
    const base = await (withPrior ? this.density(node.base) : this.ratio(node.base));
    const start = await logOf(this.evaluator, node.base, withPrior, this.batch);
    const parts = await Promise.all([
      ...node.factors.map(async (f) => [await this.evaluator.logValue(f, this.batch), await this.log(f)] as const),
      ...node.moments.map(async (m, k) => {
        const by = Number.isFinite(lambda[k]) ? lambda[k] : 0;
        const [value, error] = [await this.values(m.of), await this.value(m.of)];
        return [value.map((v) => by * v), error.map((e) => Math.abs(by) * e)] as const;
      }),
    ]);
    return this.map((i) => {
      let [sum, error] = [start[i], base[i]];
      for (const [logs, errors] of parts) {
        sum += logs[i];
        error += errors[i] + rounded(logs[i]) + rounded(sum);
      }
      return sum === -Infinity ? 0 : error;
    });
  }
}

const logOf = (e: TextEvaluator, id: NodeId, withPrior: boolean, batch: TextBatch): Maybe<Values> =>
  andThen(withPrior ? e.logDensity(id, batch) : e.logRatio(id, batch), (v) => v);
