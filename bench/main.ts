import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { formatPeers, PEERS, PEERS_SOURCE } from './peers/quoted.ts';
import { formatRows, summary, type Row } from './support/row.ts';
import type { Task } from './support/task.ts';
import { paris, startUp } from './tasks/command.ts';
import { bits } from './tasks/bits.ts';
import { chains } from './tasks/chains.ts';
import { constraintCalls } from './tasks/constraint-calls.ts';
import { engineProcesses } from './tasks/engines.ts';
import { exact } from './tasks/exact.ts';
import { moments } from './tasks/moments.ts';
import { awrs, smc } from './tasks/particles.ts';
import { neural } from './tasks/neural.ts';
import { peers } from './tasks/peers.ts';
import { policies } from './tasks/policies.ts';
import { quasi } from './tasks/quasi.ts';
import { importanceSampling, rejection } from './tasks/sampled.ts';
import { sampling } from './tasks/sampling.ts';
import { variational } from './tasks/variational.ts';
import { workers } from './tasks/workers.ts';

const TASKS: readonly Task[] = [
  ...[sampling, exact, moments, rejection, importanceSampling, quasi, smc, awrs, constraintCalls, chains, policies],
  ...[variational, peers, startUp, paris, engineProcesses, workers, neural, bits],
];

const HELP = `pnpm bench [--quick] [--json] [--python PATH] [--only NAME]...
  --quick      fewer seeds and rounds: a look, not figures to quote
  --json       one JSON document on standard output
  --python PATH  a Python that has torch, genlm-control, llamppl or disco (bench/README.md): runs them beside this project
  --only NAME  ${TASKS.map((t) => t.name).join(', ')}
`;

function chosenTasks(only: readonly string[]): readonly Task[] {
  const unknown = only.find((name) => !TASKS.some((t) => t.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`no task is called "${unknown}"\n${HELP}`);
    process.exit(2);
  }
  return only.length === 0 ? TASKS : TASKS.filter((t) => only.includes(t.name));
}

/** The load is the mean number of processes that ran or waited in the last minute: near 0 on a quiet machine. */
const machine = () => ({
  ...{ node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length },
  load: Number(loadavg()[0].toFixed(1)),
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      python: { type: 'string' },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const date = new Date().toISOString().slice(0, 10);
  const { node, cpu, cores, load } = machine();
  if (!values.json)
    console.log(`${date}, Node ${node}, ${cores} cores, ${cpu}, load ${load}${values.quick ? ', quick' : ''}\n`);
  const began = performance.now();
  const results: { task: string; title: string; seconds: number; rows: readonly Row[] }[] = [];
  for (const task of chosenTasks(values.only)) {
    const start = performance.now();
    const rows = await task.rows({ quick: values.quick, python: values.python });
    const seconds = (performance.now() - start) / 1000;
    results.push({ task: task.name, title: task.title, seconds, rows });
    if (!values.json) console.log(`${task.title} [${task.name}, ${seconds.toFixed(0)} s]\n${formatRows(rows)}\n`);
  }
  if (values.json) {
    const peers = { source: PEERS_SOURCE, figures: PEERS };
    console.log(JSON.stringify({ date, ...machine(), quick: values.quick, results, peers }, null, 1));
    return;
  }
  console.log(`${summary(results.flatMap((r) => r.rows))}, in ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  console.log(`Other systems. ${PEERS_SOURCE}\n${formatPeers()}`);
}

await main();
