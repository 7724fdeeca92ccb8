import { setTimeout } from 'node:timers/promises';

/** A failure that another try may mend. `after`: milliseconds that the server asks to wait. */
export class PassingFailure extends Error {
  readonly after: number | undefined;

  constructor(message: string, after?: number, options?: ErrorOptions) {
    super(message, options);
    this.after = after;
  }
}

const MOST_TRIES = 5;
/** Tries in all, however far each one gets. */
const MOST_TRIES_IN_ALL = 100;
const LONGEST_WAIT = 60_000;

/**
 * Tries again after passing failures, waiting twice as long each time: at most five times in a row without progress. `progress` is a
 * number that grows as the work does. The last failure is thrown.
 */
export async function retrying<T>(work: () => Promise<T>, delay: number, progress: () => number = () => 0): Promise<T> {
  let inVain = 0;
  for (let tries = 1; ; tries++) {
    const before = progress();
    try {
      return await work();
    } catch (error) {
      inVain = progress() > before ? 1 : inVain + 1;
      if (!(error instanceof PassingFailure) || inVain >= MOST_TRIES || tries >= MOST_TRIES_IN_ALL) throw error;
      await setTimeout(Math.min(LONGEST_WAIT, error.after ?? delay * 2 ** (inVain - 1)));
    }
  }
}
