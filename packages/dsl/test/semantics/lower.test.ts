import { leftmostPrior, type GraphNode, type ModelGraph, type NodeOf, nodeRange } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { compile, lower } from '../../src/index.ts';

const PRIOR = 'prior = tabular({ "a": 1, "b": 2 })\n';

function graphOf(text: string, set: Readonly<Record<string, number>> = {}): ModelGraph {
  const { graph, diagnostics } = compile(text, 'test.post', { set });
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  if (!graph) throw new Error('no graph');
  return graph;
}

function node(graph: ModelGraph, name: string): GraphNode {
  const output = graph.outputs.find((o) => o.name === name);
  if (!output) throw new Error(`no output ${name}`);
  return graph.nodes[output.node];
}

function posterior(graph: ModelGraph, name: string): NodeOf<'posterior'> {
  const found = node(graph, name);
  if (found.kind !== 'posterior') throw new Error(`${name} is a ${found.kind}`);
  return found;
}

const factors = (graph: ModelGraph, name: string) => posterior(graph, name).factors.map((f) => graph.nodes[f]);

describe('posteriors', () => {
  test('a posterior of a posterior is one, with the factors of both in order', () => {
    const g = graphOf(`${PRIOR}p = prior * exp(length)\nq = p | contains("a")\nr = words * q`);
    expect(g.nodes[posterior(g, 'r').base].kind).toBe('prior');
    const kinds = factors(g, 'r').map((f) => f.kind);
    expect(kinds).toEqual(['apply', 'indicator', 'feature']);
  });

  test('moments keep a posterior apart', () => {
    const g = graphOf(`${PRIOR}m = prior * exp(length) subject to { E(chars) = 1 }\nq = m | contains("a")`);
    const m = posterior(g, 'm');
    expect(m.moments).toHaveLength(1);
    expect(m.factors).toHaveLength(1);
    expect(posterior(g, 'q').base).toBe(g.outputs.find((o) => o.name === 'm')?.node);
    expect(g.nodes[leftmostPrior(g, posterior(g, 'q').base)].kind).toBe('prior');
  });

  test('certain and impossible events are factors, other moments stay in order', () => {
    const g = graphOf(
      `${PRIOR}q = prior subject to { P(contains("a")) = 1, E(length) = 1, P(finished) = 0, P(contains("b")) <= 0.5 }`,
    );
    const q = posterior(g, 'q');
    expect(q.moments.map((m) => [m.relation, m.value])).toEqual([
      ['=', 1],
      ['<=', 0.5],
    ]);
    const events = factors(g, 'q').map((f) => (f.kind === 'indicator' ? g.nodes[f.event].kind : f.kind));
    expect(events).toEqual(['test', 'not']);
  });

  test('P(e) = 1 is indicator(e)', () => {
    const a = graphOf(`${PRIOR}q = prior subject to { P(contains("a")) = 1 }`);
    const b = graphOf(`${PRIOR}q = prior * indicator(contains("a"))`);
    expect(posterior(a, 'q').moments).toEqual([]);
    expect(factors(a, 'q').map((f) => f.kind)).toEqual(factors(b, 'q').map((f) => f.kind));
  });

  test('a quotient, a product of experts and tempering', () => {
    const g = graphOf(
      `${PRIOR}other = tabular({ "a": 3, "b": 1 })\nd = prior / max(length, 1)\ne = prior * other\nt = prior ^ 2\nsame = prior ^ 1`,
    );
    const [quotient] = factors(g, 'd');
    expect(quotient).toMatchObject({ kind: 'arithmetic', op: 'divide' });
    const [density] = factors(g, 'e');
    expect(density).toMatchObject({ kind: 'apply', fn: 'exp' });
    expect(density.kind === 'apply' && g.nodes[density.args[0]].kind).toBe('logProb');
    expect(node(g, 't')).toMatchObject({ kind: 'tempered', exponent: 2 });
    expect(node(g, 'same').kind).toBe('prior');
  });

  test('mixture weights are normalised', () => {
    const g = graphOf(`${PRIOR}m = mixture(prior, prior, weights = [1, 3])`);
    expect(node(g, 'm')).toMatchObject({ kind: 'mixture', weights: [0.25, 0.75] });
  });
});

describe('scores and events', () => {
  test('constants fold, params keep their name', () => {
    const g = graphOf(`${PRIOR}param beta = 0.5 in (0, inf)\nk = 2 * 3 - 1\nr = k * length / beta`);
    const r = node(g, 'r');
    if (r.kind !== 'arithmetic') throw new Error(r.kind);
    expect(g.nodes[r.right]).toMatchObject({ kind: 'number', value: 0.5, param: 'beta' });
    const left = g.nodes[r.left];
    expect(left.kind === 'arithmetic' && g.nodes[left.left]).toMatchObject({ kind: 'number', value: 5 });
    expect(g.outputs.map((o) => o.name)).toEqual(['prior', 'r']);
  });

  test('equal expressions are one node', () => {
    const g = graphOf(`${PRIOR}a = count("x") + 1\nb = count("x") + 1`);
    expect(g.outputs[1].node).toBe(g.outputs[2].node);
  });

  test('implies, chains and constant comparisons', () => {
    const g = graphOf(`${PRIOR}i = finished implies contains("a")\nc = 1 <= length < 3\nt = 1 < 2 and contains("a")`);
    expect(node(g, 'i').kind).toBe('or');
    const c = node(g, 'c');
    expect(c.kind === 'and' && c.of.map((id) => g.nodes[id].kind)).toEqual(['compare', 'compare']);
    expect(node(g, 't').kind).toBe('test');
    const p = graphOf(`${PRIOR}p = prior | 1 < 2`);
    const [f] = factors(p, 'p');
    expect(f.kind === 'indicator' && p.nodes[f.event]).toMatchObject({ kind: 'boolean', value: true });
  });

  test('every node comes after its operands and has the range that the graph derives', () => {
    const g = graphOf(
      `${PRIOR}param beta = 0.5 in (0, inf)\nq = ensemble(length, -words)\np = prior * exp(lower(q, 1) / beta) * mean(exp(q))`,
    );
    g.nodes.forEach((n, id) => {
      if (n.type === 'score' || n.type === 'random') expect(n.range).toEqual(nodeRange(g, id));
      else expect(n.range).toBeUndefined();
    });
  });

  test('defaults are written out and neutral options left out', () => {
    const g = graphOf('prior = ngram("nlp-corpus", max_tokens = 5, temperature = 1)');
    const p = node(g, 'prior');
    expect(p.kind === 'prior' && Object.keys(p.args)).toEqual(['corpus', 'order', 'level', 'max_tokens']);
  });
});

describe('random scores', () => {
  const count = (g: ModelGraph): number => g.nodes.filter((n) => n.kind === 'ensemble').length;

  test('one binding is one draw, two expressions are two', () => {
    expect(count(graphOf(`${PRIOR}q = ensemble(length, words)\na = mean(q)\nb = mean(q - q)`))).toBe(1);
    expect(count(graphOf(`${PRIOR}a = ensemble(length, words)\nb = ensemble(length, words)`))).toBe(2);
  });

  test('a function that draws draws anew at each call, one that is given a draw does not', () => {
    expect(count(graphOf(`${PRIOR}f(s) = ensemble(s, words)\na = mean(f(length) - f(length))`))).toBe(2);
    expect(count(graphOf(`${PRIOR}q = ensemble(length, words)\nf(r) = 2 * r\na = mean(f(q) - f(q))`))).toBe(1);
  });
});

describe('params, contexts and documentation', () => {
  const text = `${PRIOR}/// The temperature.\nparam beta = 0.5 in (0, inf)\n/// Tilted.\np = prior * exp(length / beta)`;

  test('a param takes the value it is set to', () => {
    expect(graphOf(text, { beta: 2 }).params).toMatchObject([{ name: 'beta', value: 2 }]);
    const { typed } = compile(text, 'test.post');
    const again = lower(typed, { set: { beta: 3 } }).value;
    expect(again?.nodes.find((n) => n.kind === 'number')).toMatchObject({ value: 3, param: 'beta' });
    expect(lower(typed, { set: { beta: -3 } }).diagnostics.map((d) => d.code)).toEqual(['P300']);
    expect(lower(typed, { set: { gamma: 1 } }).diagnostics.map((d) => d.code)).toEqual(['P305']);
  });

  test('a computed end of a range counts as its value', () => {
    const bounded = `${PRIOR}param m = 2 in [1, 10]\nparam k = 3 in [0, 2 * m]\np = prior * exp(k * m * length)`;
    expect(graphOf(bounded, { k: 4 }).params[1].range).toMatchObject({ lo: 0, hi: 4 });
    expect(compile(bounded, 'x.post', { set: { m: 1 } }).diagnostics.map((d) => d.code)).toEqual(['P300']);
  });

  test('a param without a range is checked again with the value it is set to', () => {
    const free = `${PRIOR}param beta = 0.5\np = prior * exp(length / beta)`;
    expect(graphOf(free).params).toHaveLength(1);
    const { typed } = compile(free, 'x.post');
    expect(lower(typed, { set: { beta: 0 } }).diagnostics.map((d) => d.code)).toEqual(['P301']);
  });

  test('documentation, properties and contexts are carried', () => {
    const g = graphOf(
      `context c in ["x", "y"]\n${text}\nlmPrior = lm("tiny-english", max_tokens = 5, prompt = c)\nproperty "t": H(p) > 0`,
    );
    expect(g.outputs.find((o) => o.name === 'p')?.doc).toBe('Tilted.');
    expect(g.properties.map((p) => p.name)).toEqual(['t']);
    expect(g.contexts[0].values).toMatchObject({ kind: 'list' });
    const prior = node(g, 'lmPrior');
    expect(prior.kind === 'prior' && prior.args['prompt']).toEqual({ kind: 'context', name: 'c' });
  });

  test('lowering is deterministic', () => {
    expect(JSON.stringify(graphOf(text))).toBe(JSON.stringify(graphOf(text)));
  });
});
