import { bindNodes, seededChooser } from '@postulate/inference';
import { createModels, decode } from '@postulate/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutomatonTexts } from '../../src/generate/automaton-texts.ts';
import { caseVariants, edgeTexts, edgeTokens, resegmented } from '../../src/generate/edge-texts.ts';
import { openPools } from '../../src/generate/pools.ts';
import { TextArbitrary } from '../../src/generate/text-arbitrary.ts';
import { Coverage, tokenMachines, type TokenText } from '../../src/index.ts';
import { machineValue } from '@postulate/inference';
import { Book } from '../../src/properties/figures/book.ts';
import { graphOf, LETTERS, OPAQUE, outcomes } from '../properties/programs.ts';

const MAX = 5;
const vocabulary = (tokens: readonly string[]) => ({ size: tokens.length, tokens, separator: '' });

describe('texts of automata', () => {
  it('are members, shortest first, and near misses are one edit outside', () => {
    const machines = tokenMachines(2, { kind: 'event', maxStates: 4 });
    fc.assert(
      fc.property(machines, fc.string(), (machine, seed) => {
        const walk = AutomatonTexts.of(machine, MAX)!;
        const holds = ({ tokens, finished }: TokenText): boolean => machineValue(machine, tokens, finished) !== 0;
        const all: TokenText[] = [];
        const list = (tokens: readonly number[]): void => {
          all.push({ tokens, finished: tokens.length < MAX });
          if (tokens.length < MAX) for (const t of [0, 1]) list([...tokens, t]);
        };
        list([]);
        const members = all.filter(holds);
        expect(walk.empty).toBe(members.length === 0);
        const chooser = seededChooser(seed);
        const shortest = walk.member(chooser);
        if (members.length === 0) {
          expect(shortest).toBeUndefined();
          return;
        }
        expect(shortest!.tokens.length).toBe(Math.min(...members.map((m) => m.tokens.length)));
        for (let wanted = 0; wanted <= MAX; wanted++) {
          const member = walk.member(chooser, wanted)!;
          expect(holds(member)).toBe(true);
          for (const miss of walk.nearMisses(member, chooser)) {
            expect(holds(miss)).toBe(false);
            expect(Math.abs(miss.tokens.length - member.tokens.length)).toBeLessThanOrEqual(1);
          }
        }
      }),
      { numRuns: 200, seed: 3 },
    );
  });
});

describe('edges', () => {
  it('hold the empty text, the longest ones, and what breaks readers of Unicode', () => {
    const words = ['plain', '', 'café', '👍', 'e\u0301', "don't", '42', 'a\tb'];
    const found = edgeTokens(vocabulary(words)).map((t) => words[t]);
    expect(found.slice(0, 4)).toEqual(['', '👍', 'e\u0301', 'café']);
    expect(found).not.toContain('plain');
    const lengths = edgeTexts({ vocabulary: vocabulary(words), maxTokens: 4 }).map((t) => t.tokens.length);
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([0, 4]);
  });

  it('split tokens as no encoder would', () => {
    const words = ['ab', 'a', 'b'];
    const ids = new Map(words.map((w, i) => [w, i]));
    const split = resegmented(vocabulary(words), ids, words, { tokens: [0], finished: true }, 4, seededChooser('0'));
    expect(split).toEqual({ tokens: [1, 2], finished: true });
    expect(resegmented(vocabulary(words), ids, words, { tokens: [1], finished: true }, 4, seededChooser('0'))).toBeUndefined(); // prettier-ignore
  });

  it('know tokens that differ in case alone', () => {
    expect(caseVariants(vocabulary(['Damn', 'damn', 'x'])).get(0)).toEqual([1]);
  });
});

/** The pool of draws of the posterior `d` of a program, and how many of its own were given whenever there were asked for. */
async function posteriorPool(source: string) {
  const graph = graphOf(source);
  const d = graph.outputs.find((o) => o.name === 'd')!.node;
  const models = createModels({ directory: '.', cacheDirectory: null });
  const [evaluator] = await bindNodes(graph, d, [d], models);
  const book = new Book(graph, models, [], seededChooser('book'));
  const given: number[] = [];
  const own = async (id: number): Promise<readonly TokenText[]> => {
    const texts = await book.draws(id, JSON.stringify(evaluator.context));
    given.push(texts.length);
    return texts;
  };
  const request = { evaluator, distributions: [d], events: [], draws: 400, chooser: seededChooser('pools') };
  const { pools } = await openPools({ ...request, own });
  return { given, texts: pools.find((p) => p.name === 'draws of the posterior')?.texts ?? [] };
}

describe('draws of the posterior', () => {
  const rare = 'contains("b b b b b b b b b")';
  const letters = ({ tokens }: TokenText): string => tokens.join('');

  it.each([
    ['exact', `${OPAQUE}d = prior | ${rare}\n`],
    ['steered', `${OPAQUE}d = prior * exp(3 * varied) | ${rare}\n`],
  ])('are its own where those of the prior hardly reach it: %s ones', async (_, source) => {
    const { given, texts } = await posteriorPool(source);
    expect(given).toEqual([200]);
    expect(new Set(texts.map(letters)).size).toBeGreaterThan(100);
    for (const t of texts) expect(letters(t)).toMatch(/(.)\1{8}/);
  });

  it('are those of the prior where these reach it, or where there are no others', async () => {
    const near = await posteriorPool(`${OPAQUE}d = prior | contains("b b")\n`);
    expect([near.given, near.texts.length]).toEqual([[], 200]);
    const blind = await posteriorPool(`${OPAQUE}d = prior * exp(60 * (1 - varied))\n`);
    expect([blind.given, blind.texts.length]).toEqual([[0], 200]);
  });
});

describe('generated texts', () => {
  it('fit the prior, shrink, and come from the seed alone', async () => {
    const graph = graphOf(`${LETTERS}e = count("a") == 3\nposterior = prior | e\n`);
    const node = (name: string): number => graph.outputs.find((o) => o.name === name)!.node;
    const models = createModels({ directory: '.', cacheDirectory: null });
    const [evaluator] = await bindNodes(graph, node('posterior'), [node('e')], models);
    const pools = await openPools({
      evaluator,
      distributions: [node('posterior')],
      events: [node('e')],
      draws: 50,
      chooser: seededChooser('0'),
    });
    expect(pools.pools.map((p) => p.name)).toEqual([
      'draws of the prior',
      'draws of the posterior',
      'automata of the events',
      'edges',
    ]);
    const arbitrary = new TextArbitrary(evaluator.prior, pools);
    const list = fc.sample(arbitrary, { numRuns: 500, seed: 1 });
    expect(list).toEqual(fc.sample(arbitrary, { numRuns: 500, seed: 1 }));
    for (const { tokens, finished } of list) {
      expect(tokens.length).toBeLessThanOrEqual(5);
      expect(tokens.every((t) => t >= 0 && t < 2)).toBe(true);
      expect(finished).toBe(tokens.length < 5);
    }
    const texts = list.map((t) => decode(evaluator.prior.vocabulary, Int32Array.from(t.tokens)));
    for (const near of ['aa', 'aaa', 'aaaa']) expect(texts.some((t) => t.replaceAll('b', '') === near)).toBe(true);
    // fast-check's own shrinking ends where no token can be left out.
    const result = fc.check(fc.property(arbitrary, (t) => t.tokens.filter((k) => k === 0).length < 2), { seed: 2 }); // prettier-ignore
    expect(result.counterexample?.[0].tokens).toEqual([0, 0]);
  });
});

describe('definition coverage', () => {
  it('reports a clause that is never true, never false, and what was not looked at', async () => {
    const source = `${LETTERS}always = length >= 0 and contains("a")
never = contains("zebra")
p = prior | always or never
other = prior * exp(count("b"))
property "p": forall x in p: length(x) <= 5\n`;
    const graph = graphOf(source);
    const coverage = new Coverage(graph);
    await outcomes(source, { coverage });
    const parts = Object.fromEntries(
      coverage.report().parts.map((p) => [p.text, [p.yes > 0, p.no > 0].map(Number).join('')]),
    );
    expect(parts).toMatchObject({
      'contains("a")': '11',
      never: '01',
      'length >= 0': '10',
      'exp(count("b"))': '00',
    });
  });
});
