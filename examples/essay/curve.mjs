// Prints columns of a metrics.jsonl as a table, with a plot of the first of them: node curve.mjs RUN elbo elbo_from_kl
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...columns] = process.argv.slice(2);
const LINES = 13;
const WIDTH = 40;

const steps = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n').map(JSON.parse);
/** The mean of a column around a step: single steps are noisy. */
const mean = (column, at) => {
  const near = steps.slice(Math.max(0, at - 10), at + 10).map((s) => s[column]);
  return near.reduce((a, b) => a + b, 0) / near.length;
};
const rows = Array.from({ length: LINES }, (_, i) => Math.round((i * (steps.length - 1)) / (LINES - 1)));
const values = rows.map((at) => columns.map((c) => mean(c, at)));
const first = values.map(([v]) => v);
const [low, high] = [Math.min(...first), Math.max(...first)];

console.log(['step', ...columns].map((c) => c.padStart(14)).join(''));
rows.forEach((at, i) => {
  const cells = [String(steps[at].step), ...values[i].map((v) => v.toFixed(5))].map((c) => c.padStart(14)).join('');
  const bar = '█'.repeat(Math.round((WIDTH * (first[i] - low)) / (high - low || 1)));
  console.log(`${cells}  ${bar}`.trimEnd());
});
