import { logAddExp, logSumExp } from '../numeric/index.ts';
import { WIDTH, type Features, type Place } from './features.ts';
import type { Successors } from './successors.ts';
import { placeAt, type Trajectories } from './trajectories.ts';

/** Places after the same step that training cannot tell apart. */
export interface Group {
  /** Step, from 0. */
  readonly step: number;
  readonly place: Place;
  /** Tokens that are tallied. */
  readonly past: Int32Array;
  /** Numbers of the features: `WIDTH` of the place, and one for each token of the past. */
  readonly ids: Int32Array;
  /** List of what can follow, −1 where that was not kept. */
  readonly list: number;
  /** Numbers of the features of each of its entries: `WIDTH` of the place, and one for its token. */
  successorIds: Int32Array;
  /** Texts. */
  count: number;
  /** log Σ prior / q · gathered over the texts, nats. */
  logMass: number;
  /** Σ of the texts' shares in the posterior. */
  positive: number;
  /** log Σ of φ beyond what the automata gather, over the texts. */
  logRest: number;
}

/** Trajectories of one proposal as training sees them. */
export interface TrainingSet {
  readonly texts: number;
  readonly groups: readonly Group[];
  readonly successors: Successors | undefined;
  /** By step: log Σ prior · φ / q of the texts that were complete before it. */
  readonly logComplete: Float64Array;
  /** Effective number of texts that carry the posterior; 0 where none has weight. */
  readonly ess: number;
}

/** Groups the steps of trajectories, and lets the features that they have come into being. */
export function trainingSet(features: Features, x: Trajectories): TrainingSet {
  const total = logSumExp(x.logWeight);
  const share = x.logWeight.map((w) => (total === -Infinity ? 0 : Math.exp(w - total)));
  const groups = new Map<string, Group>();
  const logComplete = new Float64Array(x.maxTokens).fill(-Infinity);
  for (let i = 0; i < x.size; i++) {
    for (let j = 0; j < x.counts[i]; j++) {
      const at = i * x.maxTokens + j;
      const place = placeAt(x, i, j);
      features.see(place);
      if (place.t > j) features.seeToken(place.token);
      const past = features.tallies ? x.tokens.slice(i * x.maxTokens, i * x.maxTokens + place.t).sort() : NO_TOKENS;
      const list = place.ended === 1 ? -1 : (x.successors?.list[at] ?? -1);
      const group = groupOf(groups, { step: j, place, past, list });
      group.count++;
      group.logMass = logAddExp(group.logMass, x.logRatio[at] + x.gathered[at]);
      group.positive += share[i];
      if (place.ended === 1) group.logRest = logAddExp(group.logRest, x.rest[i]);
    }
    for (let j = x.counts[i]; j < x.maxTokens; j++) logComplete[j] = logAddExp(logComplete[j], x.logWeight[i]);
  }
  const squares = share.reduce((s, w) => s + w * w, 0);
  const ess = squares === 0 ? 0 : 1 / squares;
  return { texts: x.size, groups: [...groups.values()], successors: x.successors, logComplete, ess };
}

const NO_TOKENS = new Int32Array(0);

type Kind = Pick<Group, 'step' | 'place' | 'past' | 'list'>;

function groupOf(groups: Map<string, Group>, kind: Kind): Group {
  const { step, place, past, list } = kind;
  const key = `${step},${place.t},${place.state},${place.token},${place.before},${list}:${past.join()}`;
  let group = groups.get(key);
  if (group === undefined) {
    group = {
      ...{ ...kind, ids: new Int32Array(WIDTH + past.length), successorIds: NO_TOKENS },
      ...{ count: 0, logMass: -Infinity, positive: 0, logRest: -Infinity },
    };
    groups.set(key, group);
  }
  return group;
}

/** Looks up the features that there are by now. */
export function numberFeatures(features: Features, { groups, successors }: TrainingSet, maxTokens: number): void {
  const next = { t: 0, state: 0, token: -1, before: -1, ended: 0 };
  for (const group of groups) {
    const { t, token, before } = group.place;
    features.find(group.place, group.ids, 0);
    group.past.forEach((w, k) => (group.ids[WIDTH + k] = features.tallyOf(w)));
    if (successors === undefined || group.list === -1) continue;
    const from = successors.from[group.list];
    const count = successors.from[group.list + 1] - from;
    group.successorIds = new Int32Array(count * (WIDTH + 1));
    for (let k = 0; k < count; k++) {
      const ends = successors.tokens[from + k] === features.end;
      next.t = ends ? t : t + 1;
      next.state = successors.states[from + k];
      next.token = ends ? token : successors.tokens[from + k];
      next.before = ends ? before : token;
      next.ended = ends || t + 1 === maxTokens ? 1 : 0;
      features.find(next, group.successorIds, k * (WIDTH + 1));
      group.successorIds[k * (WIDTH + 1) + WIDTH] = ends ? -1 : features.tallyOf(next.token);
    }
  }
}
