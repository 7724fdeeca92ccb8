import { fail } from '@postulate/graph';
import type { Chooser, LanguageModel } from '@postulate/models';
import { engineNamed, type AnyEngine } from '../engines/index.ts';
import type { Preparing, ProposalLaw, Target } from '../port/index.ts';
import { NO_PROPOSAL } from '../variational/index.ts';
import { engineOptions } from './options.ts';

type Given = Readonly<Record<string, unknown>>;

/** Begins the name of an option of the engine that is proposed from. */
export const PREFIX = 'proposal.';

/** Options of the engine itself, and those written `proposal.NAME` for the engine that it proposes from. */
export function splitOptions(given: Given = {}): { readonly own: Given; readonly proposal: Given } {
  const entries = Object.entries(given);
  return {
    own: Object.fromEntries(entries.filter(([name]) => !name.startsWith(PREFIX))),
    proposal: Object.fromEntries(
      entries.filter(([name]) => name.startsWith(PREFIX)).map(([name, v]) => [name.slice(PREFIX.length), v]),
    ),
  };
}

/** Engines whose law has a density, so that others can propose from it. */
export function proposalNames(engines: readonly AnyEngine[]): readonly string[] {
  return ['prior', ...engines.filter((e) => e.policy !== undefined).map((e) => e.name)];
}

/**
 * The law that the option `proposal` names: undefined for the prior, else the policy of another engine. Throws P602 where
 * the named engine has no density, P600 where it cannot run the target.
 */
export async function proposalOf(
  target: Target,
  name: unknown,
  given: Given,
  engines: readonly AnyEngine[],
  chooser: Chooser,
  world?: Preparing,
): Promise<ProposalLaw | undefined> {
  const extra = Object.keys(given)[0];
  if (name === undefined || name === 'prior' || name === NO_PROPOSAL) {
    if (extra === undefined) return undefined;
    throw fail('P602', `${PREFIX}${extra} is given, but no engine to propose from`, {
      help: `name one with the option proposal: ${proposalNames(engines).slice(1).join(', ')}`,
      kind: 'usage',
    });
  }
  const engine = engineNamed(String(name));
  if (engine.policy === undefined) {
    throw fail('P602', `${engine.name} has no density, so nothing can be proposed from it`, {
      help: `proposal is one of ${proposalNames(engines).join(', ')}`,
      kind: 'usage',
    });
  }
  const options = engineOptions(engine, given);
  const fit = engine.fitness(target, options);
  if (!fit.fits) throw fail(fit.diagnostic.code, fit.diagnostic.message, fit.diagnostic);
  return engine.policy(target, options, chooser.split(engine.name), world);
}

/** Whether an engine can propose from a law that it is given. */
export const takesLaw = (engine: AnyEngine): boolean =>
  'proposal' in engine.defaults || engine.name === 'auto' || engine.name === 'policy';

/** A law given for a run, checked: the engine has to propose, the tokens have to be those of the prior. Throws P602 and P503. */
export function lawFor(engine: AnyEngine, target: Target, law: LanguageModel | undefined): LanguageModel | undefined {
  if (law === undefined) return undefined;
  if (!takesLaw(engine)) {
    throw fail('P602', `${engine.name} proposes from nothing, so a policy is of no use to it`, {
      help: 'engines that do: importance, smc, mh, rejection, qrs, awrs, gdc, kl-rl, and policy for the policy alone',
      kind: 'usage',
    });
  }
  const [a, b] = [target.prior, law];
  const same =
    a.maxTokens === b.maxTokens &&
    a.vocabulary.size === b.vocabulary.size &&
    a.vocabulary.tokens.every((token, i) => token === b.vocabulary.tokens[i]);
  if (same) return law;
  throw fail('P503', 'the policy to propose from has other tokens than the prior, or another max_tokens', {
    help: 'train it on this prior: post fit',
  });
}
