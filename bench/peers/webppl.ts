import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markovChain } from './chain.ts';

/** The version that is asked of the registry; MIT licence. */
export const WEBPPL = 'webppl@0.9.15';

export interface WebpplRun {
  /** log Z of every run, nats. */
  readonly logZ: readonly number[];
  /** Processor time of the process inside the program, its start-up and some runs left out. */
  readonly seconds: number;
}

/** What each step weighs: A forbids "ab" and "fa", B pays 1 / 0.5 for every "c". */
const FACTORS: Readonly<Record<'A' | 'B', string>> = {
  A: '(before == 0 && x == 1) || (before == 5 && x == 0) ? -Infinity : 0',
  B: 'x == 2 ? 2 : 0',
};

/** A program of ours over WebPPL's public `Infer`: the chain letter by letter, its factor at every letter. */
function program(posterior: 'A' | 'B', particles: number, runs: number): string {
  const { first, second, third, length } = markovChain();
  return `
var first = ${JSON.stringify(first)};
var second = ${JSON.stringify(second)};
var third = ${JSON.stringify(third)};
var ids = [0, 1, 2, 3, 4, 5];
var grow = function(t, older, before) {
  if (t == ${length}) { return before }
  var ps = t == 0 ? first : (t == 1 ? second[before] : third[older][before]);
  var x = categorical({ ps: ps, vs: ids });
  factor(${FACTORS[posterior]});
  return grow(t + 1, before, x);
};
var model = function() { return grow(0, -1, -1) };
var once = function() { return Infer({ method: 'SMC', particles: ${particles}, model: model }).normalizationConstant };
var warm = repeat(160, once);
var cpu = function() { var u = process.cpuUsage(); return (u.user + u.system) / 1e6 };
var began = cpu();
var logZ = repeat(${runs}, once);
console.log(JSON.stringify({ logZ: logZ, seconds: cpu() - began }));
`;
}

/** Runs WebPPL's SMC; a sentence where it cannot be had. */
export function webpplSmc(posterior: 'A' | 'B', particles: number, runs: number): WebpplRun | string {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-webppl-'));
  try {
    const file = join(folder, 'chain.wppl');
    writeFileSync(file, program(posterior, particles, runs));
    const run = spawnSync('npx', ['-y', WEBPPL, file], { encoding: 'utf8', timeout: 600_000, maxBuffer: 1 << 26 });
    const line = (run.stdout ?? '').split('\n').find((l) => l.startsWith('{"logZ"'));
    if (line === undefined) return `npx ${WEBPPL} did not run here`;
    return JSON.parse(line) as WebpplRun;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
