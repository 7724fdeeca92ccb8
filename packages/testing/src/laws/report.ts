/** What a law looked at and found. `counterexample` says in words what broke it. */
export interface LawReport {
  readonly law: string;
  readonly holds: boolean;
  /** Cases looked at; 0 means that the law says nothing here. */
  readonly checked: number;
  readonly counterexample?: string;
}

/** Gathers the cases of one law; the first that fails is kept as the counterexample. */
export interface LawBook {
  check(holds: boolean, counterexample: () => string): void;
  report(): LawReport;
}

export function lawBook(law: string): LawBook {
  let checked = 0;
  let counterexample: string | undefined;
  return {
    check(holds, describe) {
      checked++;
      if (!holds) counterexample ??= describe();
    },
    report: () => ({
      law,
      holds: counterexample === undefined,
      checked,
      ...(counterexample === undefined ? {} : { counterexample }),
    }),
  };
}

/** True where both are the same infinity or differ by at most `tolerance · max(1, |expected|)`. */
export function close(found: number, expected: number, tolerance: number): boolean {
  return found === expected || Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
}
