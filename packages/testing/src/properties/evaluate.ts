import type { Claim, NodeId } from '@postulate/graph';
import type { TextEvaluator } from '@postulate/inference';
import type { TextBatch } from '@postulate/models';
import { applied, arithmetic, compared, negate } from './column-arithmetic.ts';
import {
  columnOf,
  constantColumn,
  linear,
  truthColumn,
  type Cell,
  type Column,
  type NumberColumn,
  type TruthColumn,
} from './column.ts';
import { NodeErrors } from './node-error.ts';

/** The texts that the names of a `forall` stand for: case i takes text i of every batch. */
export type Cases = Readonly<Record<string, TextBatch>>;

/** A claim and what it was found to be, part by part, for messages. */
export interface Evaluation {
  readonly size: number;
  /** Whether the whole claim holds, one a case. */
  readonly holds: Uint8Array;
  /** Any part of the claim. */
  of(claim: Claim): Column | undefined;
}

const number = (c: Column): NumberColumn =>
  c.kind === 'number' ? c : { kind: 'number', log: false, values: Float64Array.from(c.values), errors: new Float64Array(c.values.length) }; // prettier-ignore

const truth = (c: Column): TruthColumn =>
  c.kind === 'truth' ? c : truthColumn(c.values.length, (i) => c.values[i] !== 0);

/** Numbers in place of claims about whole distributions. */
export type Figures = (claim: Claim) => Cell | undefined;

class Evaluator {
  private readonly errors = new Map<TextBatch, NodeErrors>();
  readonly known = new Map<Claim, Column>();

  constructor(
    private readonly evaluator: TextEvaluator | undefined,
    private readonly cases: Cases,
    private readonly size: number,
    private readonly figures: Figures,
  ) {}

  private get texts(): TextEvaluator {
    if (this.evaluator === undefined) throw new TypeError('a claim about no text speaks of one');
    return this.evaluator;
  }

  private errorsOf(batch: TextBatch): NodeErrors {
    let found = this.errors.get(batch);
    if (!found) this.errors.set(batch, (found = new NodeErrors(this.texts, batch)));
    return found;
  }

  private async at(node: NodeId, batch: TextBatch): Promise<Column> {
    const values = await this.texts.value(node, batch);
    if (this.texts.graph.nodes[node].type === 'event') return truthColumn(batch.size, (i) => values[i] !== 0);
    return { kind: 'number', log: false, values, errors: await this.errorsOf(batch).value(node) };
  }

  private async ratio(distribution: NodeId, batch: TextBatch): Promise<Column> {
    const values = await this.texts.logRatio(distribution, batch);
    return { kind: 'number', log: true, values, errors: await this.errorsOf(batch).ratio(distribution) };
  }

  async column(claim: Claim): Promise<Column> {
    const found = this.known.get(claim) ?? (await this.make(claim));
    this.known.set(claim, found);
    return found;
  }

  private async numbers(claims: readonly Claim[]): Promise<readonly NumberColumn[]> {
    const found: NumberColumn[] = [];
    for (const c of claims) found.push(number(await this.column(c)));
    return found;
  }

  private async truths(claims: readonly Claim[]): Promise<readonly TruthColumn[]> {
    const found: TruthColumn[] = [];
    for (const c of claims) found.push(truth(await this.column(c)));
    return found;
  }

  private async make(c: Claim): Promise<Column> {
    const { size } = this;
    switch (c.kind) {
      case 'number':
        return constantColumn(c.value, size);
      case 'boolean':
        return truthColumn(size, () => c.value);
      case 'at':
        return this.at(c.node, this.cases[c.text]);
      case 'ratio':
        return this.ratio(c.distribution, this.cases[c.text]);
      case 'mean':
      case 'divergence':
      case 'functional': {
        const figure = this.figures(c);
        if (figure === undefined) throw new TypeError(`a pointwise claim speaks of ${c.kind}`);
        return columnOf(size, false, () => figure);
      }
      case 'arithmetic': {
        const [a, b] = await this.numbers([c.left, c.right]);
        return arithmetic(c.op, a, b);
      }
      case 'negate':
        return negate((await this.numbers([c.of]))[0]);
      case 'apply':
        return applied(c.fn, await this.numbers(c.args));
      case 'compare': {
        const [a, b] = await this.numbers([c.left, c.right]);
        return compared(c.op, a, b);
      }
      case 'choose':
        return this.choose(c);
      case 'not': {
        const [a] = await this.truths([c.of]);
        return truthColumn(size, (i) => a.values[i] === 0);
      }
      case 'and': {
        const all = await this.truths(c.of);
        return truthColumn(size, (i) => all.every((t) => t.values[i] !== 0));
      }
      case 'or': {
        const all = await this.truths(c.of);
        return truthColumn(size, (i) => all.some((t) => t.values[i] !== 0));
      }
      case 'implies': {
        const [a, b] = await this.truths([c.left, c.right]);
        return truthColumn(size, (i) => a.values[i] === 0 || b.values[i] !== 0);
      }
      default:
        return c satisfies never;
    }
  }

  private async choose(c: Claim & { readonly kind: 'choose' }): Promise<Column> {
    const condition = truth(await this.column(c.condition));
    const [a, b] = [await this.column(c.then), await this.column(c.else)];
    const first = (i: number): boolean => condition.values[i] !== 0;
    if (a.kind === 'truth' && b.kind === 'truth') {
      return truthColumn(this.size, (i) => (first(i) ? a : b).values[i] !== 0);
    }
    const [x, y] = [linear(number(a)), linear(number(b))];
    return {
      kind: 'number',
      log: false,
      values: Float64Array.from({ length: this.size }, (_, i) => (first(i) ? x : y).values[i]),
      errors: Float64Array.from({ length: this.size }, (_, i) => (first(i) ? x : y).errors[i]),
    };
  }
}

/**
 * Evaluates a claim about texts, with the rounding its arithmetic earns: numbers that rounding alone could have made
 * different count as equal. Throws what scores and externs throw, naming the text.
 */
export async function evaluateClaim(
  evaluator: TextEvaluator | undefined,
  claim: Claim,
  cases: Cases,
  figures: Figures = () => undefined,
): Promise<Evaluation> {
  const size = Object.values(cases)[0]?.size ?? 1;
  const work = new Evaluator(evaluator, cases, size, figures);
  const whole = truth(await work.column(claim));
  return { size, holds: whole.values, of: (part) => work.known.get(part) };
}
