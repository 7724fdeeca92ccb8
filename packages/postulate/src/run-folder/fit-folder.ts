import { join } from 'node:path';
import type { Checkpoint } from '@postulate/inference';
import type { FitFolder, FitResult, FitStep } from '../api/types.ts';
import { toJson } from '../cli/json.ts';
import { sampleDocument } from '../cli/result-document.ts';
import { putFile } from './bytes.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint-file.ts';
import { detailsText } from './details-file.ts';
import { drawLine } from './draws-file.ts';
import type { RunIdentity } from './identity.ts';
import { lock } from './lock.ts';
import { MetricsFile } from './metrics-file.ts';
import { modelCard } from './model-card.ts';
import { claimFolder, NAMES } from './run-folder.ts';
import { writing } from './unwritable.ts';

/** The folder of a training run, open for writing. */
export interface OpenFitFolder extends FitFolder {
  /** Steps of the last checkpoint that is in place. */
  readonly kept: number;
  finish(result: FitResult, sources: ReadonlyMap<string, string>): void;
  close(): void;
}

/** Opens the folder of a training run: a new one, or with the same run in it so far. Errors P901, P903 and P500. */
export function openFitFolder(folder: string, identity: RunIdentity): OpenFitFolder {
  const { place } = claimFolder(folder, identity);
  const path = (name: keyof typeof NAMES): string => join(place, NAMES[name]);
  const release = writing(folder, () => lock(path('lock'), folder));
  let checkpoint: Checkpoint | undefined;
  let metrics: MetricsFile;
  try {
    checkpoint = readCheckpoint(path('checkpoint'));
    metrics = writing(folder, () => new MetricsFile(path('metrics'), checkpoint?.step ?? 0));
  } catch (error) {
    release();
    throw error;
  }
  let kept = checkpoint?.step ?? 0;
  return {
    get kept() {
      return kept;
    },
    resumed: () => checkpoint,
    log: (step: FitStep) => writing(folder, () => metrics.add(step)),
    keep(now, policy) {
      writing(folder, () => {
        metrics.flush();
        putFile(path('policy'), policy);
        writeCheckpoint(path('checkpoint'), now);
      });
      kept = now.step;
    },
    finish: (result, sources) => writing(folder, () => finish(path, identity, result, sources)),
    close() {
      metrics.close();
      release();
    },
  };
}

type Paths = (name: keyof typeof NAMES) => string;

function finish(path: Paths, identity: RunIdentity, fit: FitResult, sources: ReadonlyMap<string, string>): void {
  const { results } = fit;
  putFile(path('draws'), results.flatMap((r) => r.draws.map(drawLine)).join(''));
  putFile(path('details'), detailsText(results));
  putFile(path('card'), modelCard(identity, fit));
  const withoutDraws = results.map((r) => ({ ...r, draws: [] }));
  putFile(path('summary'), `${toJson(sampleDocument(withoutDraws, sources))}\n`);
}
