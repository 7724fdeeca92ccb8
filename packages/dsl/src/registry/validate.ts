import { joinSpans } from '@postulate/graph';
import type { Constant, ConstantItem } from './constants.ts';
import type { Given, Problem } from './types.ts';

const finite = (c: Constant): number | undefined =>
  c.kind === 'number' && Number.isFinite(c.value) ? c.value : undefined;

export function positiveInteger(c: Constant): string | undefined {
  const value = c.kind === 'number' ? c.value : NaN;
  return Number.isInteger(value) && value >= 1 ? undefined : `must be a whole number of at least 1, found ${value}`;
}

export function positiveNumber(c: Constant): string | undefined {
  const value = finite(c);
  return value !== undefined && value > 0 ? undefined : 'must be a finite number greater than 0';
}

export function topProbability(c: Constant): string | undefined {
  const value = finite(c);
  return value !== undefined && value > 0 && value <= 1 ? undefined : 'must lie in (0, 1]';
}

export function probability(c: Constant): string | undefined {
  const value = finite(c);
  return value !== undefined && value >= 0 && value <= 1 ? undefined : 'must lie in [0, 1]';
}

export function oneOf(...choices: readonly string[]): (c: Constant) => string | undefined {
  const all = choices.map((s) => `"${s}"`).join(' or ');
  return (c) =>
    c.kind !== 'string' || choices.includes(c.value) ? undefined : `must be ${all}, found ${JSON.stringify(c.value)}`;
}

export function nonEmptyString(c: Constant): string | undefined {
  return c.kind === 'string' && c.value === '' ? 'must not be the empty string' : undefined;
}

const badWeight = (item: ConstantItem, message: string): Problem => ({ code: 'P303', span: item.span, message });

/** `tabular`: at least one text, weights finite and greater than 0. */
export function tabularWeights(given: Given): readonly Problem[] {
  const weights = given.get('weights');
  if (weights?.value.kind !== 'record') return [];
  const { entries } = weights.value;
  if (entries.length === 0) {
    return [{ code: 'P303', span: weights.span, message: '`tabular` needs at least one text with its weight' }];
  }
  return entries.flatMap((e) => {
    const value = finite(e.value);
    if (value !== undefined && value > 0) return [];
    return [badWeight(e, `the weight of ${JSON.stringify(e.key)} must be a finite number greater than 0`)];
  });
}

/** A finite number per key. */
export function finiteWeights(name: string): (given: Given) => readonly Problem[] {
  return (given) => {
    const weights = given.get(name)?.value;
    if (weights?.kind !== 'record') return [];
    return weights.entries.flatMap((e) =>
      finite(e.value) === undefined ? [badWeight(e, `the weight of ${JSON.stringify(e.key)} must be finite`)] : [],
    );
  };
}

/** Rows of a Markov chain sum to one within this much. */
const ROW_TOLERANCE = 1e-9;

function rowProblems(key: string, row: ConstantItem): readonly Problem[] {
  if (row.value.kind !== 'record') return [];
  const name = JSON.stringify(key);
  const problems: Problem[] = [];
  let sum = 0;
  for (const entry of row.value.entries) {
    const value = finite(entry.value);
    const token = JSON.stringify(entry.key);
    if (value === undefined || value < 0) {
      problems.push(badWeight(entry, `row ${name}: the probability of ${token} must be a number of at least 0`));
    } else sum += value;
    if (entry.key === '^') {
      problems.push(badWeight(entry, `row ${name}: "^" is the start and cannot follow anything`));
    }
  }
  if (problems.length === 0 && Math.abs(sum - 1) > ROW_TOLERANCE) {
    const message = `row ${name} sums to ${Number(sum.toPrecision(12))}, not to 1`;
    const help = 'the probabilities of a row, `$` included, sum to 1 within 1e-9';
    problems.push({ code: 'P302', span: row.span, message, help });
  }
  return problems;
}

/** `bigram`: a start row, entries of at least 0, rows that sum to one. A token without a row is the binding's to judge. */
export function bigramRows(given: Given): readonly Problem[] {
  const rows = given.get('rows');
  if (rows?.value.kind !== 'record') return [];
  const { entries } = rows.value;
  const problems = entries.flatMap((e) =>
    e.key === '$' ? [badWeight(e, '"$" is the end and has no row')] : rowProblems(e.key, e),
  );
  if (entries.some((e) => e.key === '^')) return problems;
  const message = '`bigram` needs a row "^": what a text starts with';
  return [{ code: 'P303', span: rows.span, message }, ...problems];
}

/** `mixture`: one weight per component, each at least 0, not all 0. `count` is the number of components. */
export function mixtureWeights(
  count: number,
  weights: { readonly value: Constant; readonly span: ConstantItem['span'] },
): readonly Problem[] {
  if (weights.value.kind !== 'list') return [];
  const { items } = weights.value;
  if (items.length !== count) {
    const message = `\`mixture\` has ${count} components and ${items.length} weights`;
    return [{ code: 'P303', span: weights.span, message, help: 'give one weight per component' }];
  }
  const bad = items.flatMap((item) => {
    const value = finite(item.value);
    return value !== undefined && value >= 0 ? [] : [badWeight(item, 'a weight must be a finite number of at least 0')];
  });
  const sum = items.reduce((s, i) => s + (finite(i.value) ?? 0), 0);
  if (bad.length > 0 || sum > 0) return bad;
  const span = items.length > 0 ? joinSpans(items[0].span, items[items.length - 1].span) : weights.span;
  return [{ code: 'P303', span, message: 'at least one weight must be greater than 0' }];
}
