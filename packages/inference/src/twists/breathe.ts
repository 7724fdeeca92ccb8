/** Milliseconds of work between two looks at the outside world. */
const SLICE = 25;

/** Lets other work in between at most every few milliseconds; throws the signal's reason when stopped. */
export function breather(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let rested = Date.now();
  return () => {
    signal?.throwIfAborted();
    if (Date.now() - rested < SLICE) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        rested = Date.now();
        resolve();
      }),
    );
  };
}
