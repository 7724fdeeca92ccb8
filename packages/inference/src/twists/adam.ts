/** A minimiser of a function of a growing number of weights. */
export interface Adam {
  /** Moves the weights one step down the gradient. */
  step(theta: Float64Array, gradient: Float64Array, rate: number): void;
}

const [BETA1, BETA2, EPSILON] = [0.9, 0.99, 1e-10];

/** Adam (Kingma & Ba 2015, arXiv 1412.6980). The gradients here hardly vary, so the second moment forgets within 100 steps. */
export function adam(size: number): Adam {
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  let [bias1, bias2] = [1, 1];
  return {
    step(theta, gradient, rate) {
      bias1 *= BETA1;
      bias2 *= BETA2;
      for (let k = 0; k < size; k++) {
        first[k] = BETA1 * first[k] + (1 - BETA1) * gradient[k];
        second[k] = BETA2 * second[k] + (1 - BETA2) * gradient[k] ** 2;
        theta[k] -= (rate * first[k]) / (1 - bias1) / (Math.sqrt(second[k] / (1 - bias2)) + EPSILON);
      }
    },
  };
}
