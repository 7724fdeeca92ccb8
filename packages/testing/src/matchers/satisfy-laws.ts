import { lawsOfTarget, type BuiltInLawOptions } from '../laws/built-in.ts';
import { named, targetsOf, type Matched } from './support.ts';

/** Asks the built-in laws of a posterior; the message names those that are broken, each with a counterexample. */
export async function toSatisfyLaws(received: unknown, options: BuiltInLawOptions = {}): Promise<Matched> {
  const broken: string[] = [];
  for (const target of await targetsOf(received)) {
    for (const r of await lawsOfTarget(target, options)) {
      if (!r.holds) broken.push(`${named(target)}: ${r.law}: ${r.counterexample ?? 'broken'}`);
    }
  }
  const message = () =>
    broken.length === 0 ? 'expected a law to be broken' : `expected all laws to hold:\n${broken.join('\n')}`;
  return { pass: broken.length === 0, message };
}
