// A first look: installs and builds what is missing, then draws from posteriors over a real corpus and shows, in the
// terminal, the draws, their diagnostics, and how a reward turns a prior into its own collapse.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isStale, root } from './stale.mjs';

/** pnpm as it was called, else through npx. */
function pnpm(...words) {
  const itself = process.env.npm_execpath ?? '';
  const viaNode = /pnpm\.c?js$/.test(itself);
  const [program, first] = viaNode ? [process.execPath, [itself]] : ['npx', ['-y', 'pnpm@10']];
  const run = spawnSync(program, [...first, ...words], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (run.status !== 0) process.exit(run.status ?? 3);
}

function prepare() {
  if (!existsSync(join(root, 'node_modules', 'esbuild'))) pnpm('install', '--frozen-lockfile');
  if (!isStale()) return;
  const build = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (build.status !== 0) process.exit(build.status ?? 3);
}

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
const [bold, dim, blue, yellow] = [1, 2, 34, 33].map(paint);
const say = (text = '') => console.log(text);
const title = (text) => say(`\n${bold(text)}`);
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

function bar(share, width) {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8];
  return ('█'.repeat(Math.floor(eighths / 8)) + part).padEnd(width);
}

/** `0.0123 ± 0.0004`, or the bare value where it is exact. */
function estimate(e) {
  if (e === null) return 'not available';
  return e.standardError ? `${e.value.toPrecision(4)} ± ${e.standardError.toPrecision(2)}` : e.value.toPrecision(6);
}

function figures(result, since) {
  const { diagnostics: d } = result;
  const extras = [
    d.acceptanceRate === null ? '' : `, acceptance ${(100 * d.acceptanceRate).toPrecision(3)}%`,
    d.ess === null ? '' : `, ESS ${Number(d.ess.toPrecision(4))}`,
    d.modelCalls === 0 ? '' : `, ${d.modelCalls.toLocaleString('en-US')} sequences of the prior`,
  ];
  say(dim(`engine ${result.engine} (${result.guarantee}), ${seconds(since)}, verdict ${d.verdict}${extras.join('')}`));
  say(
    dim(
      `log Z ${estimate(result.logZ)}, entropy ${estimate(result.entropy)}, KL to prior ${estimate(result.klToPrior)} nats`,
    ),
  );
}

/** How many draws have each number of tokens. */
function lengthChart(draws, longest) {
  const counts = Array.from({ length: longest + 1 }, () => 0);
  for (const draw of draws) counts[draw.tokens.length]++;
  const top = Math.max(...counts);
  counts.forEach((count, length) => {
    if (count > 0) say(`  ${String(length).padStart(2)} tokens ${blue(bar(count / top, 40))} ${count}`);
  });
}

async function showPosterior(load, path) {
  title(`The posterior of ${path}`);
  say(dim(readFileSync(join(root, path), 'utf8').trimEnd().replace(/^/gm, '  ')));
  say();
  const began = performance.now();
  const model = await load(join(root, path), { onMessage: (message) => say(dim(message)) });
  const result = await model.posterior('posterior').run({ engine: 'exact', n: 200, seed: 'demo' });
  title('Eight of 200 exact draws from: prior | contains("Paris")');
  for (const draw of result.draws.slice(0, 8)) say(`  ${draw.text}`);
  say();
  figures(result, began);
  const rarity = Math.round(Math.exp(-result.logZ.value));
  say(`Under the prior one text in ${rarity.toLocaleString('en-US')} mentions Paris; here each of them does.`);
  title('Their lengths');
  lengthChart(result.draws, 20);
}

/** The same reward at falling temperatures: from the prior to its collapse. */
async function showSweep(load, path) {
  title('The tilted prior, prior * exp(count("Paris") / beta), as beta falls');
  say(dim('     beta   E(visits)                           entropy   a draw'));
  for (const beta of [2, 0.15, 0.1, 0.08]) {
    const model = await load(join(root, path), { params: { beta } });
    const result = await model.posterior('tilted').run({ engine: 'exact', n: 1, seed: 'demo' });
    const visits = result.expectations.visits?.value ?? NaN;
    const cells = [
      String(beta).padStart(9),
      `${visits.toPrecision(3).padStart(9)} ${yellow(bar(visits / 20, 24))}`,
      `${(result.entropy?.value ?? NaN).toFixed(1).padStart(7)}`,
      (result.draws[0]?.text ?? '').slice(0, 70),
    ];
    say(cells.join('   '));
  }
  say(dim('A small beta is reward at any price: the same word over and over. That is collapse, and here it is exact.'));
}

async function showRejection(load, path) {
  title(`Another file by another engine: ${path} by rejection`);
  const began = performance.now();
  const model = await load(join(root, path));
  const result = await model.posterior().run({ engine: 'rejection', n: 1000, seed: 'demo' });
  for (const draw of result.draws.slice(0, 5)) say(`  ${draw.text}`);
  say();
  figures(result, began);
}

prepare();
const { load } = await import('../packages/postulate/dist/index.js');
await showPosterior(load, 'examples/paris/model.post');
await showSweep(load, 'examples/paris/model.post');
await showRejection(load, 'examples/no-curses/model.post');
title('Next');
say('  npx -y pnpm@10 post sample examples/paris/model.post -n 20');
say('  npx -y pnpm@10 post --help');
