import { fail, type Span } from '@postulate/graph';
import { minimiseDual, tableDual } from './dual.ts';
import { checkReach, describe, type MomentGoal } from './reach.ts';

/** A goal with the place in the file that states it. */
export interface PlacedGoal extends MomentGoal {
  readonly span?: Span | undefined;
}

/**
 * λ of the I-projection of a law given as a table onto the goals. `points` is row-major, one column per goal,
 * `logMass` in nats and not normalised.
 * @throws P405 where a goal is on or outside the boundary of what the functions can reach.
 */
export async function fitOnTable(
  points: Float64Array,
  logMass: Float64Array,
  goals: readonly PlacedGoal[],
): Promise<Float64Array> {
  if (goals.length === 0) return new Float64Array(0);
  const trouble = checkReach(points, goals);
  if (trouble !== undefined) {
    throw fail('P405', trouble.message, {
      span: goals[trouble.index].span,
      help: 'ask for a value strictly inside. For an event that must always or never hold, use P(e) = 1 or P(e) = 0.',
    });
  }
  const found = await minimiseDual(tableDual(points, logMass, goals), goals);
  if (!(found.residual < 1e-9)) {
    throw fail('P405', `no weights give ${goals.map(describe).join(' and ')}: the fit stops ${found.residual} away`, {
      span: goals[0].span,
      help: 'the values asked for are so close to what the functions can just reach that the weights diverge.',
    });
  }
  return found.lambda;
}
