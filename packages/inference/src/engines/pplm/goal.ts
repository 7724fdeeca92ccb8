import { fail } from '@postulate/graph';
import type { Steerable, SteeringGoal } from '@postulate/models';
import type { Target } from '../../port/index.ts';
import type { PplmOptions } from './options.ts';

/** What is aimed at, and a sentence on it. */
export interface Aim {
  readonly goal: SteeringGoal;
  readonly reason: string;
}

const AIMS: readonly string[] = ['auto', 'words', 'classifier'];

/** Throws P602 for an aim that there is not, P600 where the factors hold nothing to aim at. */
export async function aimOf(target: Target, steerable: Steerable, options: PplmOptions): Promise<Aim> {
  const { aim } = options;
  if (!AIMS.includes(aim)) {
    throw fail('P602', `there is no aim "${aim}"`, { help: `aim is one of ${AIMS.join(', ')}`, kind: 'usage' });
  }
  const written = options.words.split(',').filter((word) => word.trim() !== '');
  if (written.length > 0 && aim !== 'classifier') return wordAim([written], steerable, target.name);
  const classifiers = target.attributes?.classifiers ?? [];
  if (aim === 'classifier' || (aim === 'auto' && classifiers.length > 0)) return classifierAim(target, steerable);
  const bags = (await target.attributes?.words()) ?? [];
  if (bags.every((bag) => bag.length === 0)) throw nothing(target.name);
  return wordAim(bags, steerable, target.name);
}

function nothing(name: string): Error {
  return fail(
    'P600',
    `pplm cannot run ${name}: no factor wants words or has a linear classifier that could be aimed at`,
    {
      help: 'factors such as exp(indicator(contains_any([…])) / beta) and exp(classifier(…) / beta) can; or name words with --option words=rain,storm.',
    },
  );
}

/** A bag's tokens: those that write one of its words alone. Words of several tokens are left out, as by Dathathri et al. */
function wordAim(bags: readonly (readonly string[])[], steerable: Steerable, name: string): Aim {
  const lost: string[] = [];
  const tokens = bags.map((bag) => {
    const found = bag.flatMap((word) => {
      const single = steerable.singleTokens(word.trim());
      if (single.length === 0) lost.push(word.trim());
      return single;
    });
    return [...new Set(found)];
  });
  const full = tokens.filter((bag) => bag.length > 0);
  if (full.length === 0) {
    throw fail('P600', `pplm cannot run ${name}: no word that it could aim at is a single token of the prior`, {
      help: 'name words that are with --option words=…, or use --engine smc or awrs, which see whole words.',
    });
  }
  const words = bags.reduce((n, bag) => n + bag.length, 0);
  const left =
    lost.length === 0 ? '' : `; ${lost.length} are several tokens and left out (${lost.slice(0, 5).join(', ')})`;
  return {
    goal: { kind: 'bag', bags: full },
    reason: `pplm: aims at ${words} ${words === 1 ? 'word' : 'words'} in ${full.length} ${full.length === 1 ? 'bag' : 'bags'}${left}`,
  };
}

function classifierAim(target: Target, steerable: Steerable): Aim {
  const classifiers = target.attributes?.classifiers ?? [];
  const own = classifiers.find(({ states }) => states === steerable.states);
  if (own !== undefined) {
    const { labels, score, bias, label } = own;
    return {
      goal: { kind: 'classifier', labels, score, bias, label },
      reason: 'pplm: aims at the label of a linear classifier',
    };
  }
  const reason =
    classifiers.length === 0
      ? 'no factor has a linear classifier of mean hidden states'
      : "its classifier reads another model's hidden states than the prior's";
  throw fail('P600', `pplm cannot run ${target.name}: ${reason}`, {
    help: 'train one with post train-reward … --kind label --pooling mean --base MODEL, where MODEL is the prior, or aim at words.',
  });
}
