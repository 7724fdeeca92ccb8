import type { DecodeSession, LanguageModel } from '../port/index.ts';
import { logMix } from './log-mix.ts';

/** Next-token laws Σ_c P(c | prefix) p_c(· | prefix), the posterior over components kept up to date token by token. */
export function openMixture(
  components: readonly { readonly model: LanguageModel; readonly weight: number }[],
  batch: number,
): DecodeSession {
  const width = components[0].model.vocabulary.size + 1;
  const sessions = components.map(({ model }) => model.open(batch));
  let logPosterior = components.map(({ weight }) => new Float64Array(batch).fill(Math.log(weight)));
  return {
    get logProbs() {
      const size = logPosterior[0].length;
      const out = new Float64Array(size * width);
      const laws = sessions.map((session) => session.logProbs);
      for (let i = 0; i < size; i++) out.set(mixedRow(laws, logPosterior, i, width), i * width);
      return out;
    },
    advance(tokens) {
      logPosterior = logPosterior.map((old, c) => {
        const law = sessions[c].logProbs;
        return old.map((value, i) => (tokens[i] < width - 1 ? value + law[i * width + tokens[i]] : value));
      });
      const advanced = sessions.map((session) => session.advance(tokens));
      if (advanced.some((a) => a instanceof Promise)) return Promise.all(advanced).then(() => undefined);
      return undefined;
    },
    reorder(ancestors) {
      logPosterior = logPosterior.map((old) => Float64Array.from(ancestors, (a) => old[a]));
      for (const session of sessions) session.reorder(ancestors);
    },
  };
}

/** Only components that the prefix leaves possible have a say: the others' laws are not defined there. */
function mixedRow(
  laws: readonly (Float32Array | Float64Array)[],
  logPosterior: readonly Float64Array[],
  row: number,
  width: number,
): Float64Array {
  const most = logPosterior.reduce((m, values) => Math.max(m, values[row]), -Infinity);
  const alive = logPosterior.flatMap((values, c) => (values[row] > -Infinity ? [c] : []));
  const weights = alive.map((c) => Math.exp(logPosterior[c][row] - most));
  const total = weights.reduce((a, b) => a + b, 0);
  const rows = alive.map((c) => laws[c].subarray(row * width, (row + 1) * width));
  return logMix(
    weights.map((w) => w / total),
    rows,
    width,
  );
}
