/** What is made small in the weights θ of a log-linear twist. */
export interface Objective {
  /** Effective number of texts that it rests on: what the shrinkage of θ is measured against. */
  readonly texts: number;
  /**
   * Writes its gradient, without the shrinkage, and for each θ a scale: gradient / scale is a step that is sure to lead down
   * near the minimum, and never more than 1. A scale is Σ of second derivatives, each times how many features act together.
   */
  gradient(theta: Float64Array, gradient: Float64Array, scale: Float64Array): void;
}
