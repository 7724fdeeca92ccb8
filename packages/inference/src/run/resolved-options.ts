import { engineNamed } from '../engines/index.ts';
import { NO_PROPOSAL } from '../variational/index.ts';
import { engineOptions } from './options.ts';
import { PREFIX, splitOptions } from './proposal.ts';

type Options = Readonly<Record<string, number | boolean | string>>;

/**
 * Every option that a run goes by, its engine's defaults included, and where it proposes from another engine those of that
 * one as `proposal.NAME`. Throws P601 and P602 as the run would.
 */
export function resolvedOptions(engine: string, given: Readonly<Record<string, unknown>>): Options {
  const { own, proposal } = splitOptions(given);
  const options = engineOptions(engineNamed(engine), own) as Options;
  const from = options['proposal'] ?? 'prior';
  const theirs =
    from === 'prior' || from === NO_PROPOSAL ? proposal : engineOptions(engineNamed(String(from)), proposal);
  const prefixed = Object.entries(theirs).map(([name, value]) => [`${PREFIX}${name}`, value] as const);
  return { ...options, ...(Object.fromEntries(prefixed) as Options) };
}
