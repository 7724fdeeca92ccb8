/** Milliseconds after which other work, a signal among it, gets its turn. */
const SLICE = 25;

/** Called often during long work: now and then a promise that lets the event loop have its turn, else undefined. */
export function takingTurns(): () => Promise<void> | undefined {
  let rested = Date.now();
  return () => {
    if (Date.now() - rested <= SLICE) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        rested = Date.now();
        resolve();
      }),
    );
  };
}
