/** What is made small in the weights θ of a log-linear twist. */
export interface Objective {
  /** Effective number of texts that it rests on: what the shrinkage of θ is measured against. */
  readonly texts: number;
  /** Writes its gradient, without the shrinkage. */
  gradient(theta: Float64Array, out: Float64Array): void;
}
