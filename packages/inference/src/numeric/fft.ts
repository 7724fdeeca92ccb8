/** In-place discrete Fourier transform of 2^m complex numbers (Cooley & Tukey 1965); unscaled both ways. */
function transform(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[i], re[j]] = [re[j], re[i]];
    [im[i], im[j]] = [im[j], im[i]];
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const angle = ((inverse ? 2 : -2) * Math.PI) / size;
    for (let k = 0; k < half; k++) {
      // Each factor from its own angle: products of factors would gather rounding.
      const c = Math.cos(angle * k);
      const s = Math.sin(angle * k);
      for (let a = k; a < n; a += size) {
        const b = a + half;
        const x = re[b] * c - im[b] * s;
        const y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

/** (1/n) Σᵢ (xᵢ − x̄)(xᵢ₊ₜ − x̄) for every lag t = 0 … n − 1, by a transform that is padded so that nothing wraps around. */
export function autocovariances(values: Float64Array): Float64Array {
  const n = values.length;
  let size = 1;
  while (size < 2 * n) size *= 2;
  // Taken relative to the first value, so that a constant series has covariances of exactly zero.
  const shifted = values.map((v) => v - values[0]);
  const mean = shifted.reduce((a, b) => a + b, 0) / n;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let i = 0; i < n; i++) re[i] = shifted[i] - mean;
  transform(re, im, false);
  for (let i = 0; i < size; i++) {
    re[i] = re[i] * re[i] + im[i] * im[i];
    im[i] = 0;
  }
  transform(re, im, true);
  return re.subarray(0, n).map((c) => c / size / n);
}
