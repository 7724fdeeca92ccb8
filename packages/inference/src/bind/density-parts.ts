import type { DecodeSession, LanguageModel } from '@postulate/models';
import type { ModelGraph } from '@postulate/graph';
import type { DensityPart, Factor } from '../port/index.ts';
import type { Linear } from './linear.ts';
import type { Program } from './program.ts';

/** The densities of priors and mixtures among the terms of log φ; undefined where there are none. */
export function densityParts(graph: ModelGraph, program: Program, form: Linear): Factor['densities'] {
  const parts: DensityPart[] = [];
  let whole = form.gaussians.size === 0;
  for (const { kind, id, coefficient } of form.terms) {
    if (coefficient === 0) continue;
    const node = graph.nodes[id];
    const bound = kind === 'value' && node.kind === 'logProb' ? program.models.get(node.distribution) : undefined;
    if (bound === undefined) whole = false;
    else parts.push({ power: coefficient, open: (size) => openRenumbered(bound.model, bound.renumber, size) });
  }
  return parts.length === 0 ? undefined : { parts, whole };
}

/** A session in the prior's numbering: token w of the prior is token ids[w] of the model. */
function openRenumbered(model: LanguageModel, ids: Int32Array | undefined, size: number): DecodeSession {
  const session = model.open(size);
  if (ids === undefined) return session;
  const width = ids.length + 1;
  return {
    get logProbs() {
      const own = session.logProbs;
      const out = new Float64Array(own.length);
      for (let from = 0; from < own.length; from += width) {
        for (let w = 0; w < ids.length; w++) out[from + w] = own[from + ids[w]];
        out[from + ids.length] = own[from + ids.length];
      }
      return out;
    },
    advance: (tokens) => session.advance(tokens.map((t) => (t >= 0 && t < ids.length ? ids[t] : t))),
    reorder: (ancestors) => session.reorder(ancestors),
  };
}
