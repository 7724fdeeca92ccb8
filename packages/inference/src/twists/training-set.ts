import { logSumExp } from '../numeric/index.ts';
import { WIDTH, type Features } from './features.ts';
import { emptyPlace, placeAt, type Trajectories } from './trajectories.ts';

/** Trajectories of one proposal with what training asks of them again and again. */
export interface TrainingSet {
  readonly trajectories: Trajectories;
  /** Numbers of the features of the place after each step, `WIDTH` a step. */
  readonly ids: Int32Array;
  /** Numbers of the features of each successor; empty where none are kept. */
  readonly successorIds: Int32Array;
  /** Whether the place after each step is a complete text. */
  readonly ended: Uint8Array;
  /** Shares of the texts in the posterior, self-normalised; all 0 where no text has weight. */
  readonly positives: Float64Array;
  /** Effective number of texts that carry them. */
  readonly ess: number;
}

/** Lets features that the texts have come into being. */
export function meetFeatures(features: Features, x: Trajectories): void {
  const place = emptyPlace();
  for (let i = 0; i < x.size; i++) {
    for (let j = 0; j < x.counts[i]; j++) {
      placeAt(x, i, j, place);
      features.see(place);
    }
  }
}

export function trainingSet(features: Features, x: Trajectories): TrainingSet {
  const ids = new Int32Array(x.tokens.length * WIDTH);
  const ended = new Uint8Array(x.tokens.length);
  const successorIds = new Int32Array((x.successors?.tokens.length ?? 0) * WIDTH);
  const place = emptyPlace();
  for (let i = 0; i < x.size; i++) {
    for (let j = 0; j < x.counts[i]; j++) {
      const step = i * x.maxTokens + j;
      placeAt(x, i, j, place);
      features.find(place, ids, step * WIDTH);
      ended[step] = place.ended;
      if (place.ended === 0) findSuccessors(features, x, step, place, successorIds);
    }
  }
  const total = logSumExp(x.logWeight);
  const positives = x.logWeight.map((w) => (total === -Infinity ? 0 : Math.exp(w - total)));
  const squares = positives.reduce((s, w) => s + w * w, 0);
  return { trajectories: x, ids, successorIds, ended, positives, ess: squares === 0 ? 0 : 1 / squares };
}

function findSuccessors(
  features: Features,
  { successors: s, maxTokens }: Trajectories,
  step: number,
  { t, token, before }: ReturnType<typeof emptyPlace>,
  out: Int32Array,
): void {
  if (s === undefined) return;
  const stops = t + 1 === maxTokens ? 1 : 0;
  const next = emptyPlace();
  const end = features.end;
  for (let k = s.from[step]; k < s.to[step]; k++) {
    const ends = s.tokens[k] === end;
    next.t = ends ? t : t + 1;
    next.state = s.states[k];
    next.token = ends ? token : s.tokens[k];
    next.before = ends ? before : token;
    next.ended = ends ? 1 : stops;
    features.find(next, out, k * WIDTH);
  }
}
