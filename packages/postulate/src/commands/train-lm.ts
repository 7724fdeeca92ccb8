import { cwd } from 'node:process';
import { createData } from '@postulate/models';
import { fastEncoder, LM_RECIPE, type LmRecipe, tensorRuntime } from '@postulate/models/neural';
import { type Arguments, usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { listenForInterrupt } from '../cli/interrupt.ts';
import { toJson } from '../cli/json.ts';
import { compact, duration, grouped } from '../cli/numbers.ts';
import { positive } from '../cli/positive.ts';
import type { Terminal } from '../cli/terminal.ts';
import { type LmStep, runLm } from '../training/lm-run.ts';

const WHOLE = ['vocabulary', 'width', 'layers', 'heads', 'hidden', 'batch', 'length'] as const;

function recipeOf(args: Arguments): LmRecipe {
  const whole = Object.fromEntries(WHOLE.map((name) => [name, positive(args, name, LM_RECIPE[name], true)]));
  const recipe: LmRecipe = {
    ...LM_RECIPE,
    ...whole,
    epochs: positive(args, 'epochs', LM_RECIPE.epochs, false),
    rate: positive(args, 'rate', LM_RECIPE.rate, false),
    heldOut: positive(args, 'held-out', LM_RECIPE.heldOut, false),
  };
  if (recipe.heldOut >= 1) throw usageError('--held-out is a share of the texts, less than 1.');
  if (recipe.width % (2 * recipe.heads) !== 0) {
    throw usageError(`--width ${recipe.width} must be an even multiple of --heads ${recipe.heads}.`);
  }
  return recipe;
}

/** One line of what training knows so far. */
function stepDisplay(terminal: Terminal): (step: LmStep) => void {
  const began = performance.now();
  let first: number | undefined;
  let tokens = 0;
  let shown = -Infinity;
  return ({ step, steps, loss, rate, tokens: now }) => {
    first ??= step;
    tokens += now;
    const at = performance.now();
    if (!terminal.live || at - shown < 200) return;
    shown = at;
    const seconds = (at - began) / 1000;
    const left = step === first ? '' : ` · ${duration((seconds * (steps - step)) / (step - first))} left`;
    terminal.status(
      `step ${grouped(step)}/${grouped(steps)} · loss ${loss.toFixed(3)} nats a token · rate ${rate.toExponential(1)} · ` +
        `${compact(tokens / seconds)} tokens/s${left}`,
    );
  };
}

/** `post train-lm`: a tokenizer and a language model from a corpus. Exit 130 where it was stopped, with what it has kept. */
export async function trainLm({ args, terminal }: CommandContext): Promise<number> {
  const out = args.value('out');
  if (out === undefined) throw usageError('post train-lm needs --out.', 'post train-lm texts.txt --out my-lm');
  const recipe = recipeOf(args);
  const type = args.value('type') ?? 'f16';
  if (type !== 'f16' && type !== 'f32') throw usageError(`--type is f16 or f32, not "${type}".`);
  const [corpus] = args.operands;
  const texts = (await createData({ directory: cwd() }).corpus(corpus)).filter((text) => text.trim() !== '');
  const interrupt = listenForInterrupt(() => terminal.log('stopping after this step; --resume goes on'));
  try {
    const result = await runLm({
      corpus,
      texts,
      out,
      recipe,
      seed: args.value('seed') ?? '0',
      type: type === 'f16' ? 'F16' : 'F32',
      resume: args.flag('resume'),
      runtime: await tensorRuntime(),
      encoder: fastEncoder,
      signal: interrupt.signal,
      log: (line) => terminal.log(line),
      onStep: stepDisplay(terminal),
      checkpointEvery: 60_000,
    });
    terminal.status(undefined);
    if (terminal.json) terminal.out(`${toJson({ out, ...result })}\n`);
    else if (result.finished) {
      terminal.out(`wrote ${out}: ${result.bitsPerByte?.toFixed(3)} bits a byte on held-out text\n`);
    } else terminal.out(`stopped at step ${result.step} of ${result.steps}; --resume goes on\n`);
    return result.finished ? EXIT.done : EXIT.interrupted;
  } finally {
    interrupt.release();
  }
}
