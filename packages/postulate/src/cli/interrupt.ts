/** What Ctrl-C does while a run is on. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back its usual meaning. */
  release(): void;
}

/**
 * The first SIGINT (or SIGTERM) asks the run to stop after its current step, so that what was drawn can be printed;
 * the second ends the process at once.
 */
export function listenForInterrupt(notify: () => void): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    notify();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
