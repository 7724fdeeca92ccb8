/** Options of the exact engine: they bound cost and never change the answer. */
export interface ExactOptions {
  readonly method: 'auto' | 'dp' | 'enumerate';
  /** Most sequences to list. */
  readonly maxSupport: number;
  /** Most automaton states of any product. */
  readonly maxStates: number;
  /** Most memory for the tables of one pass, MiB. */
  readonly maxMemoryMB: number;
}

export const EXACT_DEFAULTS: ExactOptions = {
  method: 'auto',
  maxSupport: 2_000_000,
  maxStates: 20_000,
  maxMemoryMB: 4096,
};

export const EXACT_OPTION_HELP: Readonly<Record<keyof ExactOptions, string>> = {
  method: '"auto", "dp" (dynamic programming over contexts and automaton states) or "enumerate" (list the support)',
  maxSupport: 'most sequences to list, when enumerating',
  maxStates: 'most states of any product of automata',
  maxMemoryMB: 'most memory for the tables of one pass, MiB',
};
