import { isRefusal, type Refusal, type TextMachine } from '../automata/text-machine.ts';
import { liftMachine } from '../automata/lift.ts';
import type { TextBatch } from '../port/sequences.ts';
import type { TextFunction } from '../port/text-function.ts';
import type { TokenMachine } from '../port/token-machine.ts';
import type { Vocabulary } from '../port/vocabulary.ts';
import { runMachine } from './run-machine.ts';
import type { StringFunction } from './strings.ts';

/** A text function that also shows how it is computed. */
export interface BoundFunction extends TextFunction {
  /** The values by the plain definition, without any machine: what machines are tested against. */
  plainValues(batch: TextBatch): Float64Array;
  /** Why there is no machine; `undefined` where there is one. Builds it. */
  refusal(): string | undefined;
}

/** A function of the string, with its automaton where there is one. Both are built when first asked for. */
export function ofString(
  vocabulary: Vocabulary,
  plain: StringFunction,
  automaton: () => TextMachine | Refusal,
): BoundFunction {
  const build = (): TokenMachine | Refusal => {
    const machine = automaton();
    return isRefusal(machine) ? machine : liftMachine(machine, vocabulary);
  };
  return bound(vocabulary, (batch, i) => plain(batch.text(i)), build);
}

/** A function of the tokens alone. */
export function ofTokens(
  vocabulary: Vocabulary,
  plain: (batch: TextBatch, index: number) => number,
  machine: TokenMachine,
): BoundFunction {
  return bound(vocabulary, plain, () => machine);
}

function bound(
  vocabulary: Vocabulary,
  plain: (batch: TextBatch, index: number) => number,
  build: () => TokenMachine | Refusal,
): BoundFunction {
  let built: TokenMachine | Refusal | undefined;
  const outcome = () => (built ??= build());
  const plainValues = (batch: TextBatch) => Float64Array.from({ length: batch.size }, (_, i) => plain(batch, i));
  return {
    plainValues,
    values(batch) {
      if (batch.vocabulary !== vocabulary) return plainValues(batch);
      const machine = outcome();
      return isRefusal(machine) ? plainValues(batch) : runMachine(machine, batch);
    },
    machine() {
      const machine = outcome();
      return isRefusal(machine) ? undefined : machine;
    },
    refusal() {
      const machine = outcome();
      return isRefusal(machine) ? machine.reason : undefined;
    },
  };
}
