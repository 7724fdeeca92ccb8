import { compile } from '@postulate/dsl';
import { bind, run, type Target } from '@postulate/inference';
import { createModels, decode, type LanguageModel, packSequences } from '@postulate/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { neuralModel } from '../../models/src/neural/index.ts';
import { letters, toyNetwork } from '../../models/test/support/toy-network.ts';

const LENGTH = 6;

/** A network over four letters whose every token depends on all before. */
const prior = (): Promise<LanguageModel> =>
  neuralModel(toyNetwork(4, 7), { vocabulary: letters(4), maxTokens: LENGTH, prefix: Int32Array.of(0) });

async function targetOf(source: string): Promise<Target> {
  const { graph } = compile(`prior = lm("toy", max_tokens = ${LENGTH})\n${source}`, 'toy.post', {});
  const models = createModels({ directory: '.', cacheDirectory: null });
  return (await bind(graph!, 'posterior', { ...models, prior }))[0];
}

/** Σ prior(x) φ(x) over every text. */
async function exactLogZ(weight: (text: string) => number): Promise<number> {
  const model = await prior();
  const all: number[][] = [];
  const grow = (prefix: number[]): void => {
    all.push(prefix);
    if (prefix.length < LENGTH) for (let v = 0; v < 4; v++) grow([...prefix, v]);
  };
  grow([]);
  const batch = packSequences(all, all.map((s) => s.length < LENGTH)); // prettier-ignore
  const logs = await model.logProb(batch);
  const of = (s: readonly number[]): number => weight(decode(model.vocabulary, Int32Array.from(s)));
  return Math.log(all.reduce((sum, s, i) => sum + of(s) * Math.exp(logs[i]), 0));
}

const count = (text: string, what: string): number => text.split(what).length - 1;
const POSTERIORS = [
  ['prior | contains("dcb")', (t: string) => Number(t.includes('dcb'))],
  ['prior * exp(count("d") / 2) | not contains("aa") and ends_with("b")', (t: string) =>
    !t.includes('aa') && t.endsWith('b') ? Math.exp(count(t, 'd') / 2) : 0], // prettier-ignore
] as const;
const FEW = { particles: 40, runs: 60 };
const ENGINES = [
  ['smc', { ...FEW, twist: 'none' }],
  ['smc', { ...FEW, twist: 'lookahead', surrogateDraws: 50, surrogateOrder: 2 }],
  ['smc', { ...FEW, twist: 'lookahead', surrogateDraws: 4000 }],
  ['smc', { ...FEW, twist: 'learned' }],
  ['awrs', FEW],
  ['awrs', { ...FEW, proposal: 'weighted-decoding', 'proposal.surrogateDraws': 500 }],
  ['weighted-decoding', { samples: 2400, surrogateDraws: 500 }],
] as const;

describe.each(POSTERIORS)('under a network, %s', (program, weight) => {
  let truth = 0;
  beforeAll(async () => void (truth = await exactLogZ(weight)));

  // Five standard errors: a false alarm in two million, were the estimates normal.
  it.each(ENGINES)('%s %j has the exact log Z within its error', async (engine, options) => {
    const target = await targetOf(`posterior = ${program}\n`);
    const { logZ } = await run(target, { engine, options, draws: 0, seed: 'lookahead' });
    const error = logZ?.standardError ?? Infinity;
    expect(error).toBeLessThan(0.25);
    expect(Math.abs((logZ?.value ?? 0) - truth)).toBeLessThan(5 * error);
  });

  it('counts the texts that the proposal was made from', async () => {
    const target = await targetOf(`posterior = ${program}\n`);
    const options = { ...FEW, proposal: 'weighted-decoding', 'proposal.surrogateDraws': 500 };
    const { diagnostics } = await run(target, { engine: 'awrs', options, draws: 0 });
    expect(diagnostics.modelCalls).toBe(40 * 60 + 500);
  });

  it('a look-ahead on enough texts makes the error of log Z smaller', async () => {
    const target = await targetOf(`posterior = ${program}\n`);
    const errorOf = async (twist: string): Promise<number> => {
      const options = { ...FEW, twist, surrogateDraws: 4000 };
      return (await run(target, { engine: 'smc', options, draws: 0, seed: 'lookahead' })).logZ?.standardError ?? NaN;
    };
    expect(await errorOf('lookahead')).toBeLessThan(0.5 * (await errorOf('none')));
  });
});
