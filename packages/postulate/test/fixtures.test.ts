import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fixtures, inProcessJson } from './helpers/in-process.ts';

/** What the JSON beside a fixture knows of one posterior; keys are `NAME` or `NAME --set k=v`. */
interface Answer {
  readonly zeroMass?: boolean;
  readonly logZ?: number;
  readonly entropy?: number;
  readonly klToPrior?: number;
  readonly lambda?: readonly number[];
  readonly expectations?: Readonly<Record<string, number>>;
  readonly support?: Readonly<Record<string, number>>;
}

interface Shown {
  readonly value: number | 'inf' | '-inf';
  readonly standardError: number | null;
}

const TOLERANCE = 1e-9;
const number = (shown: Shown) => (shown.value === 'inf' ? Infinity : shown.value === '-inf' ? -Infinity : shown.value);
const close = (got: number, wanted: number, what: string) =>
  expect(Math.abs(got - wanted), `${what}: ${got} for ${wanted}`).toBeLessThanOrEqual(TOLERANCE);

function compare(document: Record<string, unknown>, answer: Answer): void {
  for (const name of ['logZ', 'entropy', 'klToPrior'] as const) {
    const wanted = answer[name];
    if (wanted !== undefined) close(number(document[name] as Shown), wanted, name);
  }
  const expectations = document.expectations as Readonly<Record<string, Shown>>;
  for (const [name, wanted] of Object.entries(answer.expectations ?? {}))
    close(number(expectations[name]), wanted, name);
  if (answer.lambda !== undefined) {
    const lambda = document.lambda as readonly number[];
    expect(lambda).toHaveLength(answer.lambda.length);
    answer.lambda.forEach((wanted, i) => close(lambda[i], wanted, `lambda ${i}`));
  }
  if (answer.support !== undefined) {
    const support = document.support as readonly { text: string; probability: number }[];
    expect(support.map((s) => s.text).sort()).toEqual(Object.keys(answer.support).sort());
    for (const s of support) close(s.probability, answer.support[s.text], JSON.stringify(s.text));
  }
}

const files = readdirSync(fixtures).filter((name) => name.endsWith('.json'));

describe.each(files)('%s', (name) => {
  const answers = JSON.parse(readFileSync(join(fixtures, name), 'utf8')) as Readonly<Record<string, Answer>>;
  it.each(Object.keys(answers))('%s', async (key) => {
    const [posterior, ...rest] = key.split(/\s+/);
    const words = ['sample', join(fixtures, name.replace('.json', '.post')), '--posterior', posterior, ...rest];
    const { code, document } = await inProcessJson([...words, '--engine', 'exact', '-n', '0']);
    const answer = answers[key];
    if (answer.zeroMass === true) {
      expect(code).toBe(1);
      expect(document.error).toMatchObject({ code: 'P403' });
      return;
    }
    expect(code, JSON.stringify(document.error)).toBe(0);
    compare(document, answer);
  });
});
