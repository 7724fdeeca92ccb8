import type { Target } from '@postulate/inference';

/** What matchers take: a bound posterior, or what gives one for each value of the context, as `model.posterior(…)` does. */
export type Testable = Target | { targets(): Promise<readonly Target[]> };

/** What a matcher answers, in the form that `expect.extend` of vitest and jest wants. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
}

export async function targetsOf(received: unknown): Promise<readonly Target[]> {
  if (typeof received === 'object' && received !== null) {
    if ('targets' in received && typeof received.targets === 'function') return (received as { targets(): Promise<readonly Target[]> }).targets(); // prettier-ignore
    if ('prior' in received && 'stages' in received) return [received as Target];
  }
  throw new TypeError('expected a posterior, such as model.posterior("safe")');
}

/** ` of "x" ("context")`. */
export function named(target: Target): string {
  const context = Object.values(target.context).join(', ');
  return context === '' ? target.name : `${target.name} (${context})`;
}
