import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import type { FitStep } from '../api/types.ts';
import { json } from '../cli/json.ts';
import { appendAll } from './bytes.ts';

/** One line of `metrics.jsonl`: names of TRL's logs where they mean the same. Logs in nats, times in seconds. */
export function metricsLine(m: FitStep): string {
  return `${json({
    step: m.step,
    loss: m.loss,
    bound: m.bound,
    elbo: m.elbo,
    elbo_from_kl: m.elboFromKl,
    log_factor: m.logFactor,
    log_factor_std: m.logFactorSd,
    kl: m.kl,
    entropy: m.entropy,
    violating_mass: m.violating,
    distinct_2: m.distinct2,
    'completions/mean_length': m.meanLength,
    'completions/clipped_ratio': m.clippedRatio,
    grad_norm: m.gradNorm,
    grad_clipped: m.gradClipped,
    learning_rate_factor: m.learningRate,
    num_tokens: m.tokens,
    step_time: Number(m.seconds.toPrecision(4)),
    ...m.extra,
  })}\n`;
}

const stepOf = (line: string): number => {
  try {
    return (JSON.parse(line) as { readonly step: number }).step;
  } catch {
    return Infinity;
  }
};

/** Lines held back before they are written in one go. */
const HELD = 64;

/** The log of a run, one line a step; what lies behind the checkpoint that it goes on from is cut off. */
export class MetricsFile {
  private readonly fd: number;
  private end: number;
  private held: string[] = [];

  constructor(path: string, step: number) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const kept = lines.filter((line) => stepOf(line) <= step);
    this.end = Buffer.byteLength(kept.map((line) => `${line}\n`).join(''));
    ftruncateSync(this.fd, this.end);
  }

  add(step: FitStep): void {
    this.held.push(metricsLine(step));
    if (this.held.length >= HELD) this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.held.join(''));
    this.held = [];
    appendAll(this.fd, bytes, this.end);
    this.end += bytes.length;
  }

  close(): void {
    this.flush();
    fsyncSync(this.fd);
    closeSync(this.fd);
  }
}
