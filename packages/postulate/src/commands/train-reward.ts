import {
  REWARD_KINDS,
  REWARD_RECIPE,
  type RewardKind,
  type RewardRecipe,
  tensorRuntime,
} from '@postulate/models/neural';
import { type Arguments, usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { grouped } from '../cli/numbers.ts';
import { positive } from '../cli/positive.ts';
import type { Terminal } from '../cli/terminal.ts';
import { readSource } from '../project/read.ts';
import { type RewardProgress, type RewardResult, runReward } from '../training/reward-run.ts';

function oneOf<T extends string>(args: Arguments, name: string, choices: readonly T[], otherwise: T): T {
  const written = args.value(name);
  if (written === undefined) return otherwise;
  const found = choices.find((choice) => choice === written);
  if (found !== undefined) return found;
  throw usageError(`--${name} is one of ${choices.join(', ')}, not "${written}".`);
}

function recipeOf(args: Arguments): RewardRecipe {
  const recipe: RewardRecipe = {
    ...REWARD_RECIPE,
    head: oneOf(args, 'head', ['linear', 'transformer'], REWARD_RECIPE.head),
    pooling: oneOf(args, 'pooling', ['last', 'mean'], REWARD_RECIPE.pooling),
    ensemble: positive(args, 'ensemble', REWARD_RECIPE.ensemble, true),
    epochs: positive(args, 'epochs', REWARD_RECIPE.epochs, false),
    batch: positive(args, 'batch', REWARD_RECIPE.batch, true),
    rate: positive(args, 'rate', REWARD_RECIPE.rate, false),
    heldOut: positive(args, 'held-out', REWARD_RECIPE.heldOut, false),
  };
  if (recipe.heldOut >= 1) throw usageError('--held-out is a share of the examples, less than 1.');
  return recipe;
}

function display(terminal: Terminal): (progress: RewardProgress) => void {
  let shown = -Infinity;
  return (progress) => {
    const at = performance.now();
    if (!terminal.live || at - shown < 200) return;
    shown = at;
    const { done, total } = progress;
    terminal.status(
      progress.phase === 'texts'
        ? `reading texts ${grouped(done)}/${grouped(total)}`
        : `step ${grouped(done)}/${grouped(total)} · loss ${progress.loss.toFixed(3)} nats an example`,
    );
  };
}

function summary(out: string, r: RewardResult): string {
  if (!r.finished) return `stopped at step ${r.step} of ${r.steps}; --resume goes on\n`;
  const parts = [
    r.accuracy === null ? [] : [`accuracy ${r.accuracy.toFixed(3)}`],
    r.explained === null ? [] : [`explains ${(100 * r.explained).toFixed(1)}% of the variance`],
    r.loss === null ? [] : [`loss ${r.loss.toFixed(3)} nats`],
    r.ece === null
      ? []
      : [
          `calibration error ${r.ece.before.toFixed(3)} → ${r.ece.after.toFixed(3)} at temperature ${r.temperature.toFixed(2)}`,
        ],
  ].flat();
  const judged =
    parts.length === 0
      ? 'no example was held out to judge it by'
      : `on ${grouped(r.examples)} held-out examples: ${parts.join(', ')}`;
  return `wrote ${out} (${r.kind}); ${judged}\n`;
}

/** `post train-reward`: a reward model or classifier from examples. Exit 130 where it was stopped, with what it has kept. */
export async function trainReward({ args, terminal }: CommandContext): Promise<number> {
  const out = args.value('out');
  if (out === undefined)
    throw usageError('post train-reward needs --out.', 'post train-reward pairs.jsonl --out judge');
  const recipe = recipeOf(args);
  const written = args.value('kind');
  const kind = written === undefined ? undefined : oneOf<RewardKind>(args, 'kind', REWARD_KINDS, 'bt');
  const [file] = args.operands;
  const { text: content } = await readSource(file);
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; --resume goes on'));
  try {
    const result = await runReward({
      file,
      content,
      out,
      base: args.value('base') ?? 'tiny-english',
      kind,
      recipe,
      seed: args.value('seed') ?? '0',
      resume: args.flag('resume'),
      runtime: await tensorRuntime(),
      signal: interrupt.signal,
      log: (line) => terminal.log(line),
      onProgress: display(terminal),
      checkpointEvery: 60_000,
    });
    terminal.status(undefined);
    terminal.out(terminal.json ? `${toJson({ out, ...result })}\n` : summary(out, result));
    return result.finished ? EXIT.done : EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}
