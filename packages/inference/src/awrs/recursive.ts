import { NOTHING, type RestrictedSampler } from './restricted.ts';

/**
 * The recursive estimator. In the order of drawing without replacement let x be the first token that passes, Ψ the mass
 * rejected before it, and q = p(x)/(1 − Ψ). Since E f = q f(x) + (1 − q) E[f | not x], what the tokens after x are worth is
 * told by the next one alone: Ẑ = 1 − Ψ if it passes too or there is none, else (1 − Ψ) q = p(x) (`algorithms.md` 4.8;
 * there each reject multiplies by 1 − qᵢ, a product that telescopes to 1 − Ψ). Under a limit the token tested last is
 * not followed by another and counts 1 − Ψ.
 */
export const recursiveSampler: RestrictedSampler = (law, ok, { maxRejects }, chooser) => {
  for (let rejects = 0; ; rejects++) {
    const token = law.draw(chooser);
    if (token === -1) return NOTHING;
    if (ok(token)) {
      const { mass } = law;
      if (rejects + 1 >= maxRejects) return { token, mass };
      law.remove(token);
      const next = law.draw(chooser);
      // Without a next token what is left is x alone.
      return { token, mass: next === -1 || ok(next) ? mass : law.probability(token) };
    }
    if (rejects + 1 >= maxRejects) return NOTHING;
    law.remove(token);
  }
};
