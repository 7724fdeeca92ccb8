import { fail, nearestName } from '@postulate/graph';
import type { Engine } from '../port/index.ts';
import type { TrainingOptions, VariationalEngine } from '../variational/index.ts';
import { autoEngine } from './auto/index.ts';
import { bestOfEngine } from './best-of-n/index.ts';
import { awrsEngine } from './awrs/index.ts';
import { exactEngine } from './exact/index.ts';
import { dpoEngine } from './dpo/index.ts';
import { fDpgEngine } from './f-dpg/index.ts';
import { gdcEngine } from './gdc/index.ts';
import { klRlEngine } from './kl-rl/index.ts';
import { rlEngine } from './rl/index.ts';
import { sftEngine } from './sft/index.ts';
import { trajectoryBalanceEngine } from './trajectory-balance/index.ts';
import { importanceEngine } from './importance/index.ts';
import { qrsEngine } from './qrs/index.ts';
import { mhEngine } from './mh/index.ts';
import { pplmEngine } from './pplm/index.ts';
import { policyEngine } from './policy/index.ts';
import { rejectionEngine } from './rejection/index.ts';
import { weightedDecodingEngine } from './weighted-decoding/index.ts';
import { smcEngine } from './smc/index.ts';

export { steeredEngine } from './auto/candidates.ts';

/** An engine whose options and state are its own affair. */
export type AnyEngine = Engine<object, unknown>;

/** Engines that train a policy, by name. */
export const variationalEngines = [
  klRlEngine,
  gdcEngine,
  fDpgEngine,
  trajectoryBalanceEngine,
  dpoEngine,
  sftEngine,
  rlEngine,
] as unknown as readonly VariationalEngine<TrainingOptions>[];

/** Every engine, the one that chooses last. */
export const engines: readonly AnyEngine[] = [
  exactEngine,
  rejectionEngine,
  qrsEngine,
  importanceEngine,
  smcEngine,
  awrsEngine,
  mhEngine,
  weightedDecodingEngine,
  pplmEngine,
  bestOfEngine,
  ...variationalEngines,
  policyEngine,
  autoEngine,
].map((e) => e as unknown as AnyEngine);

/** The engine of a name. Throws P601 with the names there are. */
export function engineNamed(name: string): AnyEngine {
  const found = engines.find((e) => e.name === name);
  if (found) return found;
  const names = engines.map((e) => e.name);
  const guess = nearestName(name, names);
  throw fail('P601', `there is no engine "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`, {
    help: `the engines are ${names.join(', ')}`,
    kind: 'usage',
  });
}
