import { fail } from '@postulate/graph';
import { andThen, type Maybe } from '../../bind/index.ts';
import { allDead } from '../../diagnostics/index.ts';
import { stepsWithin } from './extend.ts';
import { propose } from './proposals.ts';
import type { MhState } from './state.ts';

/** Most texts that are tried for starts at a time. */
const MOST_AT_A_TIME = 512;

/** Texts that may still be tried for starts. */
const triesLeft = (s: MhState): number => Math.min(s.options.starts - s.startsTried, s.request.budget - s.modelCalls);

/** The error for chains none of which has a start. */
export function noStart(s: MhState): Error {
  if (s.startsTried === 0) {
    return fail('P603', 'the budget was spent before a chain had a start', { help: 'raise --budget' });
  }
  return allDead({
    ...s,
    tried: s.startsTried,
    texts: 'texts tried as starts of chains',
    help: 'raise the option starts, or try --engine exact, smc or rejection, or weaken the factor',
  });
}

function begin(s: MhState): void {
  s.chains = Array.from({ length: s.plan.chains }, (_, c) => s.starts[c % s.starts.length]);
  s.total = stepsWithin(s);
}

/**
 * Tries one batch of independent texts as starts of chains: those of positive weight are, in order. Where fewer are found
 * than there are chains, within the option `starts` and the budget, chains share them. Throws P604 where none is.
 */
export function findStarts(s: MhState): Maybe<void> {
  const missing = s.plan.chains - s.starts.length;
  const count = Math.min(missing * 4 ** Math.min(s.startBatches, 8), Math.max(MOST_AT_A_TIME, missing), triesLeft(s));
  return andThen(propose(s, Math.max(0, count), s.chooser.split(`start ${s.startBatches}`)), (proposals) => {
    for (let i = 0; i < proposals.size; i++) {
      if (proposals.killer(i) >= 0) s.killed[proposals.killer(i)]++;
      const x = proposals.state(i);
      if (x.logWeight > -Infinity && s.starts.length < s.plan.chains) s.starts.push(x);
    }
    s.startBatches++;
    s.startsTried += proposals.size;
    s.modelCalls += proposals.size;
    s.tokens += proposals.tokens;
    if (s.starts.length < s.plan.chains && triesLeft(s) > 0) return;
    if (s.starts.length === 0) throw noStart(s);
    begin(s);
  });
}
