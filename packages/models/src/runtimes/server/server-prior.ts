import { type Capability, fail, type PostError } from '@postulate/graph';
import { checkPositions, neuralModel, NEURAL_ROWS } from '../../neural/index.ts';
import type { Chooser, DecodeSession, LanguageModel, SampledBatch, SequenceBatch } from '../../port/index.ts';
import { packSequences } from '../../port/index.ts';
import { contentId } from '../../priors/content-id.ts';
import { checkShaping, type Shaping } from '../../priors/shaping.ts';
import type { Dialect, ServerDraw } from './dialect.ts';
import { serverNetwork, written } from './server-network.ts';

export interface ServerPriorOptions {
  readonly maxTokens: number;
  readonly prompt?: string | undefined;
  readonly shaping?: Shaping;
}

/**
 * A server's model as a prior. Where the server tells whole laws, everything works, and temperature, `top_k` and `top_p` are worked out
 * here; draws are the server's own wherever it reports their log-probabilities under the law asked for. Where it tells only the
 * likeliest tokens, there are draws, and scores of given texts if it has them: engines that need next-token laws are refused with the
 * reason in `lacks`. Errors: P534 where not even draws have a known density.
 */
export async function serverPrior(dialect: Dialect, options: ServerPriorOptions): Promise<LanguageModel> {
  const { maxTokens, prompt = '', shaping = {} } = options;
  checkShaping(shaping);
  const read = await dialect.encode(prompt);
  // Without anything to begin with a text begins where another has ended.
  const prefix = read.length > 0 ? read : Int32Array.of(dialect.end);
  checkPositions(dialect.positions, prefix, maxTokens);
  const draws = reportedLaw(dialect, shaping) === undefined;
  const sample = (count: number, chooser: Chooser) => drawAll(dialect, prefix, count, maxTokens, shaping, chooser);
  if (dialect.abilities.next === 'all') {
    const model = await neuralModel(serverNetwork(dialect), {
      vocabulary: dialect.vocabulary,
      maxTokens,
      prefix,
      shaping,
    });
    return draws ? { ...model, sample } : model;
  }
  if (!draws) throw tellsTooLittle(dialect, shaping);
  return drawnPrior(dialect, prefix, maxTokens, shaping, sample);
}

const isPlain = ({ temperature = 1, topK = Infinity, topP = 1 }: Shaping): boolean =>
  temperature === 1 && topK === Infinity && topP === 1;

/** Why the log-probabilities that the server reports with its draws are not those of the law asked for; undefined where they are. */
function reportedLaw({ abilities: { semantics, maxTemperature } }: Dialect, shaping: Shaping): string | undefined {
  const { temperature = 1, topK = Infinity, topP = 1 } = shaping;
  if (isPlain(shaping)) return undefined;
  if (temperature > maxTemperature) return `it draws at temperatures up to ${maxTemperature} only`;
  if (semantics === 'truncated') return undefined;
  if (semantics === 'tempered' && topK === Infinity && topP === 1) return undefined;
  return semantics === 'unknown'
    ? 'what its log-probabilities are of could not be told'
    : "the log-probabilities that it reports are the model's own, before that";
}

function tellsTooLittle(dialect: Dialect, shaping: Shaping): PostError {
  const { temperature, topK, topP } = shaping;
  const bent = Object.entries({ temperature, top_k: topK, top_p: topP })
    .filter(([, value]) => value !== undefined)
    .map(([name]) => `\`${name}\``);
  const why = reportedLaw(dialect, shaping) ?? '';
  return fail('P534', `the server's draws have no known density under ${bent.join(' and ')}: ${why}.`, {
    kind: 'outside',
    help: 'start it with --max-logprobs -1 (whole laws) or --logprobs-mode processed_logprobs, or leave the law as it is',
  });
}

/** Draws of a batch, in requests of a size that servers like, each with a seed of its own. */
async function drawAll(
  dialect: Dialect,
  prefix: Int32Array,
  count: number,
  maxTokens: number,
  shaping: Shaping,
  { uniform }: Chooser,
): Promise<SampledBatch> {
  if (uniform === undefined)
    throw fail('P534', 'a server draws at random: its choices cannot be enumerated.', { kind: 'outside' });
  const sizes: number[] = [];
  for (let left = count; left > 0; left -= NEURAL_ROWS) sizes.push(Math.min(NEURAL_ROWS, left));
  const seeds = sizes.map(() => Math.floor(uniform() * 2 ** 31));
  const parts = await Promise.all(sizes.map((n, k) => dialect.draw(prefix, n, maxTokens, shaping, seeds[k])));
  return packDraws(parts.flat());
}

function packDraws(draws: readonly ServerDraw[]): SampledBatch {
  const batch = packSequences(
    draws.map((d) => d.tokens),
    draws.map((d) => d.finished),
  );
  return { ...batch, logProbs: Float64Array.from(draws, (d) => d.logProb) };
}

/** A prior of draws alone. */
function drawnPrior(
  dialect: Dialect,
  prefix: Int32Array,
  maxTokens: number,
  shaping: Shaping,
  sample: LanguageModel['sample'],
): LanguageModel {
  const { vocabulary, abilities, id } = dialect;
  const scores = abilities.score && isPlain(shaping);
  const told = `the server tells only the ${abilities.next} likeliest tokens of each next-token law (start it with --max-logprobs -1)`;
  const lacks = new Map<Capability, string>([['nextTokenScores', told]]);
  if (!scores) lacks.set('completeScore', 'the server cannot score given texts under this law');
  const refuse = (capability: Capability): never => {
    throw fail('P534', `${lacks.get(capability)}.`, { kind: 'outside' });
  };
  const { temperature = null, topK = null, topP = null } = shaping;
  return {
    id: contentId('server', id, [...prefix], maxTokens, temperature, topK, topP),
    vocabulary,
    maxTokens,
    capabilities: new Set<Capability>(scores ? ['sample', 'completeScore'] : ['sample']),
    lacks,
    open: (): DecodeSession => refuse('nextTokenScores'),
    logProb: (batch) => (scores ? scored(dialect, prefix, maxTokens, batch) : refuse('completeScore')),
    sample,
  };
}

async function scored(
  dialect: Dialect,
  prefix: Int32Array,
  maxTokens: number,
  batch: SequenceBatch,
): Promise<Float64Array> {
  const result = new Float64Array(batch.size).fill(-Infinity);
  const texts = written(prefix, batch, dialect.end);
  const lengthOf = (i: number): number => batch.offsets[i + 1] - batch.offsets[i];
  const possible = texts.flatMap((_, i) => ((batch.finished[i] === 1 ? lengthOf(i) < maxTokens : lengthOf(i) === maxTokens) ? [i] : [])); // prettier-ignore
  for (let from = 0; from < possible.length; from += NEURAL_ROWS) {
    const part = possible.slice(from, from + NEURAL_ROWS);
    const scores = await dialect.score(part.map((i) => texts[i]), prefix.length); // prettier-ignore
    part.forEach((i, k) => (result[i] = scores[k]));
  }
  return result;
}
