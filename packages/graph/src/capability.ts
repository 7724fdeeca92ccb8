/** What a distribution or a factor can do; an engine states what it requires and `bind` compares. */
export type Capability =
  /** Independent draws with their exact log-probability. */
  | 'sample'
  /** Log-weights of every next token given a prefix. */
  | 'nextTokenScores'
  /** Log-weight of a finished sequence. */
  | 'completeScore'
  /** A sound statement about a prefix: `-inf` only if no continuation survives. */
  | 'prefixScore'
  /** A proved upper bound of the log-weight. */
  | 'upperBound'
  /** Log-weight is 0 or `-inf`. */
  | 'boolean'
  /** A finite automaton over the tokens, the position and the kind of end. */
  | 'regular'
  /** A sum over the transitions of such an automaton. */
  | 'additive'
  /** The next-token law depends on a bounded context. */
  | 'finiteState'
  /** Few enough sequences to list. */
  | 'finiteSupport'
  /** Trainable parameters. */
  | 'gradient'
  /** Keys, values and embeddings can be read and perturbed. */
  | 'hiddenStates';
