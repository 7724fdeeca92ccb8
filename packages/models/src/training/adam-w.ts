/** What an optimiser changes: an array of weights, or several, by name. */
export type Arrays = ReadonlyMap<string, Float32Array>;

export interface AdamWOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  /** Decay of the parameters that `decays` names, a step: w ← (1 − rate · decay) w. */
  readonly weightDecay?: number;
  readonly decays?: (name: string) => boolean;
  /**
   * What has a second moment v of its own: every entry (default), or an array as a whole, the mean square over its entries. Then the
   * step goes along the gradient within an array, and entries that only noise moves do not move as far as those that matter.
   */
  readonly scale?: 'entry' | 'array';
  /** The gradient is scaled down to this Euclidean norm where it is longer. */
  readonly clip?: number;
}

export interface OptimiserState {
  readonly step: number;
  readonly arrays: Readonly<Record<string, Float32Array>>;
}

export interface StepInfo {
  /** Euclidean norm over all parameters before clipping. */
  readonly gradientNorm: number;
  readonly clipped: boolean;
}

/**
 * AdamW (Loshchilov & Hutter 2019), downwards on the gradients it is given, in place on the arrays:
 * m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← (1−ηλ)w − η (m/(1−β₁ᵗ)) / (√(v/(1−β₂ᵗ)) + ε). With one v an array it is Adam-mini (Zhang
 * et al. 2024) whose blocks are the arrays.
 */
export class AdamW {
  readonly #options: Required<AdamWOptions>;
  readonly #first = new Map<string, Float32Array>();
  readonly #second = new Map<string, Float32Array>();
  #step = 0;

  constructor(
    private readonly parameters: Arrays,
    options: AdamWOptions = {},
  ) {
    this.#options = {
      beta1: 0.9,
      beta2: 0.98,
      epsilon: 1e-8,
      weightDecay: 0,
      decays: () => true,
      scale: 'entry',
      clip: 1,
      ...options,
    };
    for (const [name, { length }] of parameters) {
      this.#first.set(name, new Float32Array(length));
      this.#second.set(name, new Float32Array(this.#options.scale === 'array' ? 1 : length));
    }
  }

  get stepsDone(): number {
    return this.#step;
  }

  /** One step with learning rate `rate`. Throws nothing on a gradient that is no number: it tells its norm, and changes nothing. */
  step(gradients: Arrays, rate: number): StepInfo {
    const gradientNorm = norm(gradients);
    if (!Number.isFinite(gradientNorm)) return { gradientNorm, clipped: false };
    const { clip, weightDecay, decays } = this.#options;
    const scale = gradientNorm > clip ? clip / gradientNorm : 1;
    this.#step++;
    for (const [name, gradient] of gradients) {
      this.#move(name, gradient, rate, scale, decays(name) ? weightDecay : 0);
    }
    return { gradientNorm, clipped: scale < 1 };
  }

  #move(name: string, gradient: Float32Array, rate: number, scale: number, decay: number): void {
    const { beta1, beta2, epsilon } = this.#options;
    const w = this.parameters.get(name) as Float32Array;
    const m = this.#first.get(name) as Float32Array;
    const v = this.#second.get(name) as Float32Array;
    const root = 1 / Math.sqrt(1 - beta2 ** this.#step);
    const size = rate / (1 - beta1 ** this.#step);
    const keep = 1 - rate * decay;
    if (this.#options.scale === 'array') {
      v[0] = beta2 * v[0] + ((1 - beta2) * scale * scale * squares(gradient)) / w.length;
      const by = size / (Math.sqrt(v[0]) * root + epsilon);
      for (let i = 0; i < w.length; i++) {
        const first = (m[i] = beta1 * m[i] + (1 - beta1) * gradient[i] * scale);
        w[i] = keep * w[i] - by * first;
      }
      return;
    }
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i] * scale;
      const first = (m[i] = beta1 * m[i] + (1 - beta1) * g);
      const second = (v[i] = beta2 * v[i] + (1 - beta2) * g * g);
      w[i] = keep * w[i] - (size * first) / (Math.sqrt(second) * root + epsilon);
    }
  }

  state(): OptimiserState {
    const arrays: Record<string, Float32Array> = {};
    for (const [name, m] of this.#first) arrays[`first:${name}`] = m.slice();
    for (const [name, v] of this.#second) arrays[`second:${name}`] = v.slice();
    return { step: this.#step, arrays };
  }

  restore({ step, arrays }: OptimiserState): void {
    this.#step = step;
    for (const [name, m] of this.#first) m.set(arrays[`first:${name}`]);
    for (const [name, v] of this.#second) v.set(arrays[`second:${name}`]);
  }
}

function squares(gradient: Float32Array): number {
  let total = 0;
  for (let i = 0; i < gradient.length; i++) total += gradient[i] * gradient[i];
  return total;
}

function norm(gradients: Arrays): number {
  let total = 0;
  for (const gradient of gradients.values()) total += squares(gradient);
  return Math.sqrt(total);
}
