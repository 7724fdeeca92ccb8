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
const width = Math.min(process.stdout.columns || 100, 120);

/** A text on one line of at most so many columns. */
const fit = (text, columns) => ([...text].length <= columns ? text : `${[...text].slice(0, columns - 1).join('')}…`);

/** Draws as a list; one that is longer than the terminal is wide goes on below its beginning. */
function list(draws) {
  for (const { text } of draws) {
    const lines = [''];
    for (const word of text.split(' ')) {
      const last = lines.at(-1);
      if (last !== '' && last.length + 1 + word.length > width - 6) lines.push(word);
      else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
    }
    say(`  ${blue('·')} ${lines.join('\n    ')}`);
  }
}

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
    d.acceptanceRate === null ? [] : `acceptance ${(100 * d.acceptanceRate).toPrecision(3)}%`,
    d.ess === null ? [] : `effective sample size ${Number(d.ess.toPrecision(4))}`,
    d.modelCalls === 0 ? [] : `${d.modelCalls.toLocaleString('en-US')} sequences of the prior`,
  ].flat();
  say(dim(`engine ${result.engine} (${result.guarantee}), ${seconds(since)}, verdict ${d.verdict}`));
  if (extras.length > 0) say(dim(extras.join(', ')));
  const { logZ, entropy, klToPrior } = result;
  say(dim(`log Z ${estimate(logZ)}, entropy ${estimate(entropy)}, KL to prior ${estimate(klToPrior)} nats`));
}

/** The lengths of the draws, three of them to a bar; the last is the bound, where a text is cut. */
function lengthChart(draws, longest) {
  const lengths = draws.map((draw) => draw.tokens.length);
  const bins = [[longest, longest]];
  for (let high = longest - 1; high > 0; high -= 3) bins.unshift([Math.max(1, high - 2), high]);
  const count = ([low, high]) => lengths.filter((n) => low <= n && n <= high).length;
  const top = Math.max(...bins.map(count));
  for (const bin of bins.slice(bins.findIndex((b) => count(b) > 0))) {
    const label = (bin[0] === bin[1] ? `${bin[0]}` : `${bin[0]}–${bin[1]}`).padStart(6);
    say(`${label} tokens ${blue(bar(count(bin) / top, 40))} ${count(bin)}`);
  }
}

async function showPosterior(load, path) {
  title(`The posterior of ${path}`);
  const source = readFileSync(join(root, path), 'utf8').trimEnd().split('\n');
  say(source.map((line) => dim(fit(`  ${line}`, width))).join('\n'));
  const began = performance.now();
  const model = await load(join(root, path), { onMessage: (message) => say(dim(message)) });
  const result = await model.posterior('posterior').run({ engine: 'exact', n: 200, seed: 'demo' });
  title('Eight of 200 exact draws from: prior | contains("Paris")');
  list(result.draws.slice(0, 8));
  say();
  figures(result, began);
  const rarity = Math.round(Math.exp(-result.logZ.value));
  say(`Under the prior one text in ${rarity.toLocaleString('en-US')} mentions Paris; here each of them does.`);
  title('Lengths of the 200');
  lengthChart(result.draws, 20);
}

/** The same reward at falling temperatures: from the prior to its collapse. */
async function showSweep(load, path) {
  title('One reward, less and less temperature: prior * exp(count("Paris") / beta)');
  say(dim('   beta   Paris a text                      entropy   a draw'));
  for (const beta of [2, 0.15, 0.1, 0.08]) {
    const model = await load(join(root, path), { params: { beta } });
    const result = await model.posterior('tilted').run({ engine: 'exact', n: 1, seed: 'demo' });
    const visits = result.expectations.visits?.value ?? NaN;
    const cells = [
      String(beta).padStart(7),
      `${visits.toPrecision(2).padStart(6)} ${yellow(bar(visits / 20, 24))}`,
      `${(result.entropy?.value ?? NaN).toFixed(1).padStart(7)}`,
    ];
    say(`${cells.join('   ')}   ${fit(result.draws[0]?.text ?? '', width - 57)}`);
  }
  say(dim('At a small beta the reward outweighs the language: the same word over and over. That is collapse;'));
  say(dim('each row is an exact figure of the whole distribution, in nats where it is an entropy.'));
}

async function showRejection(load, path) {
  title(`Another file by another engine: ${path}, everyday English without curses, by rejection`);
  const began = performance.now();
  const model = await load(join(root, path));
  const result = await model.posterior().run({ engine: 'rejection', n: 1000, seed: 'demo' });
  list(result.draws.slice(0, 5));
  say();
  figures(result, began);
}

prepare();
const { load } = await import('../packages/postulate/dist/index.js');
say();
say('A .post file states a posterior over texts: a language model times what is wanted of it.');
say(dim('Here the model is a trigram model of a small English corpus; its texts are no better than that.'));
await showPosterior(load, 'examples/paris/model.post');
await showSweep(load, 'examples/paris/model.post');
await showRejection(load, 'examples/no-curses/model.post');
title('Next');
say('  npx -y pnpm@10 post sample examples/paris/model.post -n 20');
say('  npx -y pnpm@10 post --help');
