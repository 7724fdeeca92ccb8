/** A value that is there now, or later where a model or an extern answers asynchronously. */
export type Maybe<T> = T | Promise<T>;

/** Goes on with a value, at once where it is there: finite-state priors never wait for a promise. */
export function andThen<T, U>(value: Maybe<T>, f: (value: T) => Maybe<U>): Maybe<U> {
  return value instanceof Promise ? value.then(f) : f(value);
}

/** Goes on with several values once all are there. */
export function all<T, U>(values: readonly Maybe<T>[], f: (values: readonly T[]) => Maybe<U>): Maybe<U> {
  if (values.some((v) => v instanceof Promise)) return Promise.all(values).then(f);
  return f(values as readonly T[]);
}

/** Takes steps until one answers false; waits only for those that answer later. */
export function repeat(step: () => Maybe<boolean>): Maybe<void> {
  for (;;) {
    const more = step();
    if (more instanceof Promise) return more.then((m) => (m ? repeat(step) : undefined));
    if (!more) return;
  }
}

/** Does `step` for 0 … count − 1, one after the other; waits only where a step does. */
export function inTurn(count: number, step: (i: number) => Maybe<void>, from = 0): Maybe<void> {
  for (let i = from; i < count; i++) {
    const waiting = step(i);
    if (waiting instanceof Promise) return waiting.then(() => inTurn(count, step, i + 1));
  }
}
