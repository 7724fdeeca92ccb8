import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../cli/arguments.ts';

export const TRAINING_FILES = { run: 'run.json', metrics: 'metrics.jsonl', lock: 'lock' } as const;

export interface TrainingFolder {
  readonly out: string;
  readonly resume: boolean;
  /** What may not differ where training is gone on with. */
  readonly identity: string;
}

/** Makes the folder of a training, or checks that it is that of the same training where this goes on. */
export function openTrainingFolder({ out, resume, identity }: TrainingFolder): void {
  const run = join(out, TRAINING_FILES.run);
  if (!resume) {
    if (existsSync(out)) {
      throw usageError(`--out ${out} is there already.`, 'name a folder that does not exist yet, or add --resume');
    }
    mkdirSync(out, { recursive: true });
    writeFileSync(run, `${identity}\n`);
    return;
  }
  if (!existsSync(run)) throw usageError(`--out ${out} holds no training to go on with.`);
  if (readFileSync(run, 'utf8').trim() !== identity.trim()) {
    throw usageError(`--out ${out} was trained with other options, another seed or other texts.`, `see ${run}`);
  }
}

/** Lines of the metrics up to a step: what a killed run wrote after its last checkpoint comes again. */
export function cutMetrics(file: string, step: number): void {
  if (!existsSync(file)) return;
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, step);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
}
