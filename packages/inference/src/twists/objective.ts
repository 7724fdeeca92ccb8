/** What is made small in the weights θ of a log-linear twist. */
export interface Objective {
  /** Effective number of texts that it rests on: what the shrinkage of θ is measured against. */
  readonly texts: number;
  /**
   * Writes its gradient, without the shrinkage, and for each θ a number that its second derivative does not exceed near the
   * minimum and the gradient nowhere.
   */
  gradient(theta: Float64Array, gradient: Float64Array, curvature: Float64Array): void;
}
