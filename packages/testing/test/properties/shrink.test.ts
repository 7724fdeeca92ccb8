import { bindNodes } from '@postulate/inference';
import { createModels } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, evaluateClaim, minimise, texts, type Case } from '../../src/index.ts';
import { runs } from '../slow.ts';
import { graphOf, LETTERS, outcome } from './programs.ts';

/** Bodies that some texts break, with nothing in common. */
const BODIES = [
  'count("a")(x) < 2',
  'length(x) <= 3',
  'not contains("ab")(x)',
  'contains("a")(x) implies starts_with("b")(x)',
  'ends_with("a")(x) or length(x) < 2',
  'count("a")(x) == count("b")(x)',
  '2 * count("ab")(x) >= length(x) - 2',
];

describe('shrinking', () => {
  it.each(BODIES)('%s: no single token can be left out', async (body) => {
    const source = `${LETTERS}property "p": forall x: ${body}\n`;
    const graph = graphOf(source);
    const [{ claim }] = graph.properties;
    const over = graph.outputs.find((o) => o.name === 'prior')!.node;
    const nodes = [...graph.nodes.keys()].filter((id) => graph.nodes[id].type !== 'distribution');
    const [evaluator] = await bindNodes(graph, over, nodes, createModels({ directory: '.', cacheDirectory: null }));
    const { prior } = evaluator;
    const fails = async (cases: readonly Case[]): Promise<readonly number[]> => {
      const { holds } = await evaluateClaim(evaluator, claim, { x: batchOf(prior, cases.map((c) => c[0])) }); // prettier-ignore
      return Array.from(holds, (h) => 1 - h);
    };
    await fc.assert(
      fc.asyncProperty(texts(prior), async (start) => {
        fc.pre((await fails([[start]]))[0] === 1);
        const [smallest] = (await minimise([start], fails, prior)).texts;
        expect((await fails([[smallest]]))[0]).toBe(1);
        for (let at = 0; at < smallest.tokens.length; at++) {
          const tokens = smallest.tokens.filter((_, i) => i !== at);
          expect((await fails([[{ tokens, finished: true }]]))[0], `without token ${at}`).toBe(0);
        }
      }),
      { numRuns: runs(15, 300), seed: 5 },
    );
  });

  it('prefers what the prior finds likely', async () => {
    const source = `prior = bigram({"^": {"a": 0.01, "b": 0.98, "c": 0.01}, "a": {"$": 1}, "b": {"$": 1}, "c": {"$": 1}}, max_tokens = 3)
property "p": forall x in prior: length(x) < 1\n`;
    for (const seed of ['0', '1', '2', '3']) {
      expect((await outcome(source, { seed })).counterexample?.texts[0].text).toBe('b');
    }
  });
});
