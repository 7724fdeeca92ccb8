import { seededChooser } from '../../src/chooser/index.ts';
import { exactEngine, type Approximation, type ExactOptions, type Target } from '../../src/index.ts';

/** Runs the exact engine to its end. */
export async function solve(
  target: Target,
  options: Partial<ExactOptions> = {},
  draws = 0,
  seed = 'a',
): Promise<Approximation> {
  const chooser = seededChooser(seed);
  const request = { draws, budget: Infinity };
  let state = await exactEngine.init(target, { ...exactEngine.defaults, ...options }, request, chooser);
  for (;;) {
    const step = await exactEngine.step(state, chooser);
    state = step.state;
    if (step.done) return exactEngine.finish(state);
  }
}
