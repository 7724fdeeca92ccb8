import type { LanguageModel } from '../../src/index.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { fakeServer } from './serving.ts';

/** log-probabilities after the samplers temperature, top_k and top_p, in this order; ties go to the first. */
function sampled(law: readonly number[], temperature: number, topK: number, topP: number): number[] {
  const normal = (logs: readonly number[]): number[] => {
    const total = logs.reduce((sum, x) => sum + Math.exp(x), 0);
    return logs.map((x) => x - Math.log(total));
  };
  const ranked = (logs: readonly number[]): number[] => logs.map((_, w) => w).sort((a, b) => logs[b] - logs[a]);
  const only = (logs: readonly number[], kept: readonly number[]): number[] =>
    normal(logs.map((x, w) => (kept.includes(w) ? x : -Infinity)));
  const bent = normal(law.map((x) => x / temperature));
  const few = only(bent, ranked(bent).slice(0, topK));
  let mass = 0;
  const nucleus = ranked(few).filter((w) => {
    const before = mass;
    mass += Math.exp(few[w]);
    return before < topP * (1 - 1e-12);
  });
  return only(few, nucleus);
}

/** A table prior behind llama-server's protocol, as far as `/props`, `/v1/models`, `/tokenize` and `/completion` go. The end is token `size`. */
export function fakeLlamaServer(prior: LanguageModel): Promise<{ url: string; asked: () => number }> {
  const { size, tokens } = prior.vocabulary;
  const name = (id: number): string => (id === size ? '</s>' : tokens[id]);
  const tokenize = ({ content, add_special }: { content: string; add_special: boolean }) => {
    const ids = content === '</s>' ? [size] : Array.from(content, (c) => tokens.indexOf(c));
    return { tokens: add_special ? [size, ...ids] : ids };
  };
  const told = (law: ArrayLike<number>, id: number, post: boolean) => ({
    id,
    token: name(id),
    bytes: [...Buffer.from(name(id))],
    ...(post ? { prob: Math.exp(law[id]) } : { logprob: Math.max(law[id], -9999) }),
  });
  const complete = (body: Record<string, never>) => {
    const { prompt, n_predict, n_probs, post_sampling_probs: post, seed, temperature, top_k, top_p, min_p } = body;
    if (temperature === undefined || top_k === undefined || top_p === undefined || min_p !== 0)
      throw new Error('defaults left on');
    const chooser = seededChooser(Number(seed ?? 0));
    const session = prior.open(1);
    const ids: readonly number[] = typeof prompt === 'string' ? [] : prompt;
    for (const id of ids) if (id !== size) void session.advance(Int32Array.of(id));
    const places = [];
    for (let t = 0; t < Number(n_predict); t++) {
      const law = Array.from(session.logProbs);
      const shown = post ? sampled(law, Number(temperature), Number(top_k) || Infinity, Number(top_p)) : law;
      const id = chooser.choose(shown);
      const order = shown.map((_, w) => w).sort((a, b) => shown[b] - shown[a]);
      const top = order.slice(0, n_probs).map((w) => told(shown, w, post));
      places.push({ ...told(shown, id, post), [post ? 'top_probs' : 'top_logprobs']: top });
      if (id === size) break;
      void session.advance(Int32Array.of(id));
    }
    return { content: '', completion_probabilities: places, stop_type: places.at(-1)?.id === size ? 'eos' : 'limit' };
  };
  return fakeServer((request, response, _nth, body) => {
    const asked = body.length > 0 ? JSON.parse(body.toString('utf8')) : {};
    const answers: Readonly<Record<string, () => unknown>> = {
      '/props': () => ({ default_generation_settings: { n_ctx: 64 }, model_path: 'x.gguf', eos_token: '</s>' }),
      '/v1/models': () => ({ data: [{ id: 'x', meta: { n_vocab: size + 1 } }] }),
      '/tokenize': () => tokenize(asked),
      '/completion': () => complete(asked),
    };
    response.end(JSON.stringify(answers[request.url ?? '']()));
  });
}
