import { NOTHING, type RestrictedSampler } from './restricted.ts';

/**
 * One continuation of the search (Lipkin et al. 2025, definition 2; `algorithms.md` 4.8). Rejected tokens stay out, the
 * accepted one stays in; n₀ rejects of mass Ψ₀ come before the first accept and n₁ between it and the second. Then
 * Ẑ = (1 − Ψ₀)/(n₀ + n₁ + 1). Every order of n rejects can be cut by the first accept in n + 1 places, and the share of
 * each cancels its 1 − Ψ₀: hence one continuation, no more. Under a limit of M rejects the search stops at the M-th,
 * where there are M places: Ẑ = (1 − Ψ₀)/M.
 */
export const traceSampler: RestrictedSampler = (law, ok, { maxRejects }, chooser) => {
  let first = -1;
  let mass = 0;
  for (let rejects = 0; rejects < maxRejects;) {
    const token = law.draw(chooser);
    if (token === -1) return NOTHING;
    if (token === first || ok(token)) {
      if (first !== -1) return { token: first, mass: mass / (rejects + 1) };
      first = token;
      ({ mass } = law);
    } else {
      law.remove(token);
      rejects++;
    }
  }
  return first === -1 ? NOTHING : { token: first, mass: mass / maxRejects };
};
