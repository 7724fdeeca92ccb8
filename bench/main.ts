import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { formatPeers, PEERS, PEERS_SOURCE } from './peers/quoted.ts';
import { formatRows, type Row } from './support/row.ts';
import type { Task } from './support/task.ts';
import { paris, startUp } from './tasks/command.ts';
import { exact } from './tasks/exact.ts';
import { importanceSampling, rejection } from './tasks/sampled.ts';
import { sampling } from './tasks/sampling.ts';
import { workers } from './tasks/workers.ts';

const TASKS: readonly Task[] = [sampling, exact, rejection, importanceSampling, startUp, paris, workers];

const HELP = `pnpm bench [--quick] [--json] [--only NAME]...
  --quick      fewer seeds and rounds: a look, not figures to quote
  --json       one JSON document on standard output
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

const machine = () => ({ node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length });

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const date = new Date().toISOString().slice(0, 10);
  const { node, cpu, cores } = machine();
  if (!values.json) console.log(`${date}, Node ${node}, ${cores} cores, ${cpu}${values.quick ? ', quick' : ''}\n`);
  const results: { task: string; title: string; rows: readonly Row[] }[] = [];
  for (const task of chosenTasks(values.only)) {
    const rows = await task.rows({ quick: values.quick });
    results.push({ task: task.name, title: task.title, rows });
    if (!values.json) console.log(`${task.title}\n${formatRows(rows)}\n`);
  }
  if (values.json) {
    const peers = { source: PEERS_SOURCE, figures: PEERS };
    console.log(JSON.stringify({ date, ...machine(), quick: values.quick, results, peers }, null, 1));
  } else console.log(`Other systems. ${PEERS_SOURCE}\n${formatPeers()}`);
}

await main();
