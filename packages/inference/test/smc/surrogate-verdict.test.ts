import { expect, it } from 'vitest';
import type { LanguageModel } from '@postulate/models';
import { run, type Target } from '../../src/index.ts';
import { target } from '../bind/support.ts';

/** One text in about 330 says "c". */
const RARE =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.6, "b": 0.4 }, "b": { "a": 0.3, "b": 0.699, "c": 0.001 }, "c": { "a": 1 } }, max_tokens = 6)\nposterior = prior | contains("c")';

async function veiled(file: string): Promise<Target> {
  const t = await target(file);
  const { table: _, ...hidden } = t.prior;
  return { ...t, prior: hidden as LanguageModel };
}

const smc = async (file: string, surrogateDraws: number) =>
  run(await veiled(file), {
    engine: 'smc',
    draws: 40,
    options: { surrogateDraws, surrogateOrder: 2, particles: 100, runs: 40 },
  });

it('doubts runs that look ahead by a table that has hardly seen what the factors ask for', async () => {
  const r = await smc(RARE, 100);
  expect(r.diagnostics.verdict).toMatch(
    /^the table to look ahead by was fitted on 100 texts of the prior, (none|\d+ \(effectively\)) of which have what the factors ask for: what it never saw the runs may have missed; raise the options surrogateDraws and particles, or try /,
  );
});

it('does not where it has seen enough, or nothing is rare', async () => {
  expect((await smc(RARE, 20_000)).diagnostics.verdict).toBe('ok');
  expect((await smc(RARE.replace('contains("c")', 'contains("ab")'), 100)).diagnostics.verdict).toBe('ok');
});
