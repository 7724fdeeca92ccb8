import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURES, ROOT } from './pipeline.ts';

/** What is known of a posterior, from enumeration in another language. */
export interface Answer {
  readonly zeroMass?: boolean;
  readonly logZ: number | null;
  readonly entropy?: number;
  readonly klToPrior?: number;
  readonly expectations?: Readonly<Record<string, number>>;
  readonly lambda?: readonly number[];
  readonly support?: Readonly<Record<string, number>>;
}

export interface Cell {
  readonly label: string;
  readonly path: string;
  readonly posterior: string;
  readonly set: Readonly<Record<string, number>>;
  readonly answer: Answer;
}

const FILES = ['algebra', 'hard', 'hybrid', 'moments', 'needle', 'soft', 'tabular', 'uncertain'];

/** The key of an answer is a posterior's name, with ` --set name=value` where a param differs from its default. */
function cellsOf(path: string, label: string): Cell[] {
  const answers = JSON.parse(readFileSync(path.replace(/post$/, 'json'), 'utf8')) as Record<string, Answer>;
  return Object.entries(answers).map(([key, answer]) => {
    const [posterior, ...settings] = key.split(' --set ');
    const set = Object.fromEntries(settings.map((s) => [s.split('=')[0], Number(s.split('=')[1])]));
    return { label: `${label} ${key}`, path, posterior, set, answer };
  });
}

export const FIXTURE_CELLS: readonly Cell[] = FILES.flatMap((f) => cellsOf(join(FIXTURES, `${f}.post`), f));
export const MARKOV_CELLS: readonly Cell[] = cellsOf(join(ROOT, 'bench/data/markov6.post'), 'markov6').filter(
  (c) => c.posterior !== 'prior',
);
