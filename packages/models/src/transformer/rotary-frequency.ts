import type { DecoderConfig } from './config.ts';

/**
 * Radians a position by which pair `j` of a head turns: base^(−2j/size), and with stretching f → f/factor where the pair turns fewer than
 * `lowTurns` times over the original length, unchanged where more than `highTurns` times, linearly between in the number of turns
 * (Grattafiori et al. 2024, as Llama 3.1's weights are used).
 */
export function rotaryFrequency({ rotaryBase, headSize, rotaryScaling }: DecoderConfig, j: number): number {
  const plain = rotaryBase ** ((-2 * j) / headSize);
  if (rotaryScaling === undefined) return plain;
  const { factor, lowTurns, highTurns, originalPositions } = rotaryScaling;
  const turns = (plain * originalPositions) / (2 * Math.PI);
  const kept = Math.min(1, Math.max(0, (turns - lowTurns) / (highTurns - lowTurns)));
  return kept * plain + ((1 - kept) * plain) / factor;
}
