import { COMPARISONS, type ComparisonOperator } from '@postulate/graph';
import { minimiseText } from './minimise-text.ts';
import { tooManyStates, type Refusal, type TextMachine } from './text-machine.ts';

const THRESHOLD_STATE_BUDGET = 20_000;

/**
 * The event `score op bound` for a score whose outputs and finals are whole numbers ≥ 0, by counting up to the first
 * number above the bound: beyond it no comparison changes any more.
 */
export function thresholdMachine(score: TextMachine, op: ComparisonOperator, bound: number): TextMachine | Refusal {
  const cap = Math.max(0, Math.floor(bound) + 1);
  const width = score.alphabet.size;
  const counts = cap + 1;
  const states = score.states * counts;
  if (!Number.isFinite(cap) || states > THRESHOLD_STATE_BUDGET) return tooManyStates(THRESHOLD_STATE_BUDGET);
  const next = new Int32Array(states * width);
  const final = new Float64Array(states);
  for (let s = 0; s < score.states; s++) {
    for (let n = 0; n < counts; n++) {
      const state = s * counts + n;
      final[state] = COMPARISONS[op](Math.min(cap, n + score.final[s]), bound) ? 1 : 0;
      for (let c = 0; c < width; c++) {
        const sum = n + (score.output?.[s * width + c] ?? 0);
        next[state * width + c] = score.next[s * width + c] * counts + Math.min(cap, sum);
      }
    }
  }
  const start = score.start * counts;
  return minimiseText({ alphabet: score.alphabet, states, start, next, output: undefined, final, divisor: 1 });
}
