import { claimText, nodeText, type Claim, type ModelGraph, type NodeId } from '@postulate/graph';
import type { TextEvaluator } from '@postulate/inference';
import { decode, type TextBatch } from '@postulate/models';
import { batchOf, type TokenText } from '../arbitraries/texts.ts';
import type { Column } from './column.ts';
import type { Evaluation } from './evaluate.ts';
import type { ShownFactors, ShownPart, ShownText } from './outcome.ts';

const short = (x: number): string => (Number.isInteger(x) ? String(x) : String(Number(x.toPrecision(6))));

/** A number as a reader wants it; one in logs by itself too, where a double can hold it. */
export function shownNumber(value: number): string {
  return value === Infinity ? 'inf' : value === -Infinity ? '-inf' : short(value);
}

function shownCell(c: Column | undefined, i: number): string {
  if (c === undefined) return '?';
  if (c.kind === 'truth') return c.values[i] !== 0 ? 'true' : 'false';
  if (!c.log) return shownNumber(c.values[i]);
  const plain = Math.exp(c.values[i]);
  return Math.abs(c.values[i]) < 700 || c.values[i] === -Infinity ? shownNumber(plain) : `exp(${short(c.values[i])})`;
}

const holds = (e: Evaluation, c: Claim, i: number): boolean => e.of(c)?.values[i] !== 0;

/** The parts that make a claim what it is at case `i`, conditions first and those to blame last. */
function toBlame(e: Evaluation, c: Claim, i: number): readonly Claim[] {
  switch (c.kind) {
    case 'and':
    case 'or': {
      const blamed = c.of.filter((p) => holds(e, p, i) === holds(e, c, i));
      return (blamed.length > 0 ? blamed : c.of).flatMap((p) => toBlame(e, p, i));
    }
    case 'implies':
      return [...toBlame(e, c.left, i), ...toBlame(e, c.right, i)];
    case 'not':
      return toBlame(e, c.of, i);
    case 'choose':
      return [...toBlame(e, c.condition, i), ...toBlame(e, holds(e, c.condition, i) ? c.then : c.else, i)];
    default:
      return [c];
  }
}

/** A comparison by both its sides; anything else by its value. */
function shownPart(graph: ModelGraph, e: Evaluation, c: Claim, i: number): readonly ShownPart[] {
  const text = claimText(graph, c);
  const value = shownCell(e.of(c), i);
  if (c.kind !== 'compare') return [{ text, value }];
  const sides = [c.left, c.right].flatMap((side): readonly ShownPart[] =>
    side.kind === 'number' ? [] : [{ text: claimText(graph, side), value: shownCell(e.of(side), i) }],
  );
  return [{ text, value }, ...sides];
}

/** Why a claim is what it is for one case. */
export function because(graph: ModelGraph, e: Evaluation, claim: Claim, i: number): readonly ShownPart[] {
  const seen = new Map<string, ShownPart>();
  for (const part of toBlame(e, claim, i)) {
    for (const shown of shownPart(graph, e, part, i)) if (!seen.has(shown.text)) seen.set(shown.text, shown);
  }
  return [...seen.values()];
}

export async function shownTexts(
  { prior }: TextEvaluator,
  names: readonly string[],
  texts: readonly TokenText[],
): Promise<readonly ShownText[]> {
  const logPriors = await prior.logProb(batchOf(prior, texts));
  return texts.map(({ tokens, finished }, i) => ({
    name: names[i],
    text: decode(prior.vocabulary, Int32Array.from(tokens)),
    tokens: tokens.map((t) => prior.vocabulary.tokens[t]),
    finished,
    logPrior: logPriors[i],
  }));
}

interface OwnFactor {
  readonly text: string;
  logs(batch: TextBatch): Promise<Float64Array>;
}

/** The factors of a distribution with their logs, those of its base first. */
function factorsIn(evaluator: TextEvaluator, id: NodeId): readonly OwnFactor[] {
  const { graph } = evaluator;
  const node = graph.nodes[id];
  if (node.kind === 'tempered') return factorsIn(evaluator, node.base);
  if (node.kind !== 'posterior') return [];
  const own = node.factors.map((f): OwnFactor => {
    const { kind } = graph.nodes[f];
    const event = kind === 'indicator' ? (graph.nodes[f] as { readonly event: NodeId }).event : undefined;
    const text = event === undefined ? nodeText(graph, f) : `indicator(${nodeText(graph, event)})`;
    return { text, logs: async (batch) => evaluator.logValue(f, batch) };
  });
  const lambda = evaluator.multipliers(id);
  const tilts = node.moments.flatMap((m, k): readonly OwnFactor[] => {
    const by = lambda[k];
    if (by === undefined || !Number.isFinite(by)) return [];
    const name = nodeText(graph, m.of);
    const text = `exp(${short(by)} * ${name})`;
    return [{ text, logs: async (batch) => (await evaluator.value(m.of, batch)).map((v) => by * v) }];
  });
  return [...factorsIn(evaluator, node.base), ...own, ...tilts];
}

/** What every factor of each distribution says of the texts: logs, nats. */
export async function shownFactors(
  evaluator: TextEvaluator,
  distributions: readonly NodeId[],
  texts: readonly TokenText[],
): Promise<readonly ShownFactors[]> {
  const found: ShownFactors[] = [];
  for (const id of distributions) {
    const factors = factorsIn(evaluator, id);
    if (factors.length === 0) continue;
    const rows: { text: string; logs: number[] }[] = [];
    const batch = batchOf(evaluator.prior, texts);
    for (const f of factors) rows.push({ text: f.text, logs: [...(await f.logs(batch))] });
    found.push({ distribution: nodeText(evaluator.graph, id), factors: rows });
  }
  return found;
}
