import { isMachine, machineValue, seededChooser, type BoundFunction, type Factor } from '@postulate/inference';
import type { LanguageModel, TextBatch } from '@postulate/models';
import { contains, formatRange } from '@postulate/graph';
import { close, lawBook, type LawReport } from './report.ts';
import { describeSequence, lawBatches, selectSequences } from './sequences.ts';

export interface PotentialLawOptions {
  /** Token sequences to look at, half drawn from the prior, half made up; default 400. */
  readonly texts?: number;
  readonly seed?: string;
  /** Relative above 1, absolute below; default 1e-9. */
  readonly tolerance?: number;
  /** A sound statement about prefixes: `-Infinity` only where no continuation survives. */
  readonly prefixLogWeight?: ((prefix: Int32Array) => number) | undefined;
}

type Values = (batch: TextBatch) => Float64Array | Promise<Float64Array>;

interface Measured {
  readonly batch: TextBatch;
  readonly values: Float64Array;
}

/** Evaluates every batch; what throws is reported as a broken law of its own. */
async function measure(law: string, values: Values, batches: readonly TextBatch[]): Promise<[Measured[], LawReport]> {
  const book = lawBook(law);
  const measured: Measured[] = [];
  for (const batch of batches) {
    try {
      measured.push({ batch, values: await values(batch) });
      book.check(true, () => '');
    } catch (error) {
      book.check(false, () => String(error));
    }
  }
  return [measured, book.report()];
}

function eachValue(law: string, measured: readonly Measured[], holds: (v: number) => boolean, what: string): LawReport {
  const book = lawBook(law);
  for (const { batch, values } of measured)
    for (let i = 0; i < batch.size; i++)
      book.check(holds(values[i]), () => `${what}, found ${values[i]} at ${describeSequence(batch, i)}`);
  return book.report();
}

/** Only what the model can produce: bounds and ranges are refined with what is known of it. */
async function possible(measured: readonly Measured[], model: LanguageModel): Promise<Measured[]> {
  const kept: Measured[] = [];
  for (const { batch, values } of measured) {
    const logProbs = await model.logProb(batch);
    const indices = Array.from({ length: batch.size }, (_, i) => i).filter((i) => logProbs[i] > -Infinity);
    kept.push({ batch: selectSequences(batch, indices), values: Float64Array.from(indices, (i) => values[i]) });
  }
  return kept;
}

/** Evaluating alone, or in another order, gives the same numbers as in a batch, bit for bit. */
async function batchLaw(measured: readonly Measured[], evaluate: Values): Promise<LawReport> {
  const book = lawBook('a value does not depend on the batch around it');
  for (const { batch, values } of measured) {
    const backwards = Array.from({ length: batch.size }, (_, i) => batch.size - 1 - i);
    const reversed = await evaluate(selectSequences(batch, backwards));
    for (let i = 0; i < batch.size; i++) {
      const other = reversed[batch.size - 1 - i];
      book.check(Object.is(other, values[i]), () => `${values[i]} and ${other} at ${describeSequence(batch, i)}`);
    }
    if (batch.size === 0) continue;
    const alone = await evaluate(selectSequences(batch, [0]));
    book.check(
      Object.is(alone[0], values[0]),
      () => `${values[0]} and alone ${alone[0]} at ${describeSequence(batch, 0)}`,
    );
  }
  return book.report();
}

function machineLaw(
  machine: ReturnType<Factor['machine']>,
  measured: readonly Measured[],
  tolerance: number,
): LawReport {
  const book = lawBook('the machine agrees with the evaluator');
  if (isMachine(machine))
    for (const { batch, values } of measured)
      for (let i = 0; i < batch.size; i++) {
        const [from, to] = [batch.offsets[i], batch.offsets[i + 1]];
        const found = machineValue(machine, batch.tokens, batch.finished[i] === 1, from, to);
        book.check(
          close(found, values[i], tolerance),
          () => `machine ${found}, evaluator ${values[i]} at ${describeSequence(batch, i)}`,
        );
      }
  return book.report();
}

/** φ = Σ weightₖ exp(partsₖ), where a factor has parts with machines. */
function partsLaw(factor: Factor, measured: readonly Measured[], tolerance: number): LawReport {
  const book = lawBook('the parts add up to the factor');
  const parts = (factor.parts ?? []).map((p) => ({ weight: p.weight, machine: p.machine() }));
  const machines = parts.flatMap((p) => (isMachine(p.machine) ? [{ weight: p.weight, machine: p.machine }] : []));
  if (machines.length > 0 && machines.length === parts.length)
    for (const { batch, values } of measured)
      for (let i = 0; i < batch.size; i++) {
        const [from, to] = [batch.offsets[i], batch.offsets[i + 1]];
        const terms = machines.map(
          (p) => p.weight * Math.exp(machineValue(p.machine, batch.tokens, batch.finished[i] === 1, from, to)),
        );
        const found = Math.log(terms.reduce((a, b) => a + b, 0));
        book.check(
          close(found, values[i], tolerance),
          () => `${found}, not ${values[i]} at ${describeSequence(batch, i)}`,
        );
      }
  return book.report();
}

function prefixLaw(prefix: (tokens: Int32Array) => number, measured: readonly Measured[]): LawReport {
  const book = lawBook('a prefix is called dead only where no continuation survives');
  for (const { batch, values } of measured)
    for (let i = 0; i < batch.size; i++) {
      if (values[i] === -Infinity) continue;
      for (let end = batch.offsets[i]; end <= batch.offsets[i + 1]; end++) {
        const score = prefix(batch.tokens.subarray(batch.offsets[i], end));
        const length = end - batch.offsets[i];
        book.check(
          score > -Infinity && score < Infinity,
          () => `${score} after ${length} tokens of ${describeSequence(batch, i)}, whose log-weight is ${values[i]}`,
        );
      }
    }
  return book.report();
}

const isBoolean = (w: number) => w === 0 || w === -Infinity;

/**
 * The laws of one factor over draws of `model` and made-up token sequences: evaluates everywhere, no NaN or +∞, the
 * proved bound holds on all that the model can produce, `boolean` is 0 or −∞, machine and parts agree with the evaluator, batches do not matter, and
 * dead prefixes are dead. A report with `checked: 0` says that the factor does not make that claim.
 */
export async function potentialLaws(
  factor: Factor,
  model: LanguageModel,
  options: PotentialLawOptions = {},
): Promise<LawReport[]> {
  const { texts = 400, seed = 'laws', tolerance = 1e-9 } = options;
  const batches = await lawBatches(model, texts, seededChooser(seed));
  const evaluate: Values = (batch) => factor.logWeights(batch);
  const [measured, evaluates] = await measure('every sequence has a log-weight', evaluate, batches);
  const bound = factor.logUpperBound + tolerance * Math.max(1, Math.abs(factor.logUpperBound));
  return [
    evaluates,
    eachValue('log-weights are below +inf', measured, (w) => w < Infinity, 'expected a number below +inf'),
    eachValue(
      'the bound holds',
      await possible(measured, model),
      (w) => w <= bound,
      `expected at most ${factor.logUpperBound}`,
    ),
    eachValue(
      'boolean is 0 or -inf',
      factor.capabilities.has('boolean') ? measured : [],
      isBoolean,
      'expected 0 or -inf',
    ),
    machineLaw(factor.machine(), measured, tolerance),
    partsLaw(factor, measured, tolerance),
    await batchLaw(measured, evaluate),
    ...(options.prefixLogWeight === undefined ? [] : [prefixLaw(options.prefixLogWeight, measured)]),
  ];
}

/** The laws of a bound score or event: values in the refined range, events 0 or 1, machine and batches as above. */
export async function functionLaws(
  fn: BoundFunction,
  model: LanguageModel,
  options: PotentialLawOptions = {},
): Promise<LawReport[]> {
  const { texts = 400, seed = 'laws', tolerance = 1e-9 } = options;
  const batches = await lawBatches(model, texts, seededChooser(seed));
  const evaluate: Values = (batch) => fn.values(batch);
  const [measured, evaluates] = await measure('every sequence has a value', evaluate, batches);
  const event = fn.kind === 'event' ? measured : [];
  return [
    evaluates,
    eachValue(
      'values are in the range',
      await possible(measured, model),
      (v) => contains(fn.range, v),
      `expected ${formatRange(fn.range)}`,
    ),
    eachValue('events are 0 or 1', event, (v) => v === 0 || v === 1, 'expected 0 or 1'),
    machineLaw(fn.machine(), measured, tolerance),
    await batchLaw(measured, evaluate),
  ];
}
