/** Milliseconds between two messages. */
const EVERY = 2000;

/** Says how far something is, at most every two seconds and not at once. */
export function tellSlowly(tell: ((message: string) => void) | undefined): (message: () => string) => void {
  let told = performance.now();
  return (message) => {
    if (tell === undefined || performance.now() - told < EVERY) return;
    told = performance.now();
    tell(message());
  };
}
