import { pythonPeers, type PythonRow } from '../peers/python.ts';
import { WEBPPL, webpplSmc } from '../peers/webppl.ts';
import { atLeast } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import {
  drawRate,
  judged,
  logZRow,
  seededRuns,
  textRate,
  textRateOfProcessor,
  type SeededRuns,
  type Setting,
} from '../support/seeded-runs.ts';
import { ANSWERS } from '../support/targets.ts';
import type { Task } from '../support/task.ts';
import { awrsSetting, smcSetting } from './particles.ts';
import { qrsSetting } from './quasi.ts';
import { rejectionA } from './sampled.ts';

const TIMES_FASTER = 10;

type RateOf = (runs: SeededRuns) => number;

/** A row of this project and what its rate counts, which the peer counts too. */
interface Own {
  readonly row: Row;
  readonly rate: number;
}

async function ownRow(setting: Setting, rateOf: RateOf): Promise<Own> {
  const runs = await seededRuns(setting);
  const rate = rateOf(runs);
  return { row: { ...logZRow(runs), drawsPerSecond: rate }, rate };
}

/** A peer's row with this project's rate over its. */
function against(peer: Row, own: Own): Row {
  const ratio = own.rate / (peer.drawsPerSecond ?? NaN);
  return { ...peer, ratio, ...atLeast('ratio', ratio, TIMES_FASTER) };
}

/** This project before and after the peer, so that other work on the machine falls on both: the slower of the two counts. */
async function bracketed(setting: Setting, rateOf: RateOf, peer: () => Row): Promise<readonly Row[]> {
  const before = await ownRow(setting, rateOf);
  const row = peer();
  const after = await ownRow(setting, rateOf);
  const own = before.rate < after.rate ? before : after;
  return [own.row, row.drawsPerSecond === undefined ? row : against(row, own)];
}

function webpplRow(posterior: 'A' | 'B', particles: number, seeds: number): Row {
  const name = { task: posterior, what: `WebPPL SMC, N = ${particles}` };
  const run = webpplSmc(posterior, particles, seeds);
  if (typeof run === 'string') return { ...name, note: `skipped: ${run}` };
  const { error } = judged(
    run.logZ.map((value) => ({ value, standardError: null })),
    ANSWERS[posterior].logZ,
  );
  return { ...name, error, runs: seeds, drawsPerSecond: (particles * seeds) / run.seconds, note: WEBPPL };
}

async function webpplRows(seeds: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const posterior of ['A', 'B'] as const) {
    const setting = smcSetting(posterior, 'prefix', 100, seeds);
    rows.push(...(await bracketed(setting, textRateOfProcessor, () => webpplRow(posterior, 100, seeds))));
  }
  return rows;
}

/** What this project runs beside a row of `peers.py`: the same method, where it has a name here, at the same size. */
export function counterpart(peer: PythonRow, seeds: number): { setting: Setting; rateOf: RateOf } {
  if (peer.peer.startsWith('disco')) {
    const setting = peer.task === 'A' ? rejectionA(50_000, 2) : qrsSetting(20_000, 2);
    return { setting, rateOf: drawRate };
  }
  const particles = peer.particles ?? 100;
  const setting = peer.peer.includes('AWRS')
    ? awrsSetting(false, particles, seeds)
    : smcSetting(peer.task ?? 'B', 'prefix', particles, seeds);
  return { setting, rateOf: textRate };
}

export function pythonRow(peer: PythonRow): Row {
  const size = peer.particles === undefined ? '' : `, N = ${peer.particles}`;
  const name = { task: peer.task ?? '', what: `${peer.peer}${size}` };
  if (peer.skipped !== undefined) return { ...name, note: `skipped: ${peer.skipped}` };
  return {
    ...name,
    ...(peer.error === undefined ? {} : { error: peer.error }),
    ...(peer.seeds === undefined ? {} : { runs: peer.seeds }),
    ...(peer.acceptance === undefined ? {} : { acceptance: peer.acceptance }),
    ...(peer.perSecond === undefined ? {} : { drawsPerSecond: peer.perSecond }),
  };
}

async function pythonRows(python: string | undefined, seeds: number): Promise<readonly Row[]> {
  const skipped = (note: string): Row => ({
    task: '',
    what: 'genlm-control, llamppl, disco',
    note: `skipped: ${note}`,
  });
  if (python === undefined) return [skipped('--python PATH names a Python that has them (bench/README.md)')];
  const found = pythonPeers(python, seeds);
  if (typeof found === 'string') return [skipped(found)];
  const own = new Map<string, Own>();
  const rows: Row[] = [];
  for (const peer of found) {
    const row = pythonRow(peer);
    if (peer.skipped !== undefined) {
      rows.push(row);
      continue;
    }
    const { setting, rateOf } = counterpart(peer, 100);
    const key = `${setting.posterior} ${setting.what}`;
    if (!own.has(key)) {
      own.set(key, await ownRow(setting, rateOf));
      rows.push(own.get(key)!.row);
    }
    rows.push(against(row, own.get(key)!));
  }
  return rows;
}

export const peers: Task = {
  name: 'peers',
  title:
    'Other systems in this run, each below this project with the same method (draws/s counts particles or accepted draws, beside WebPPL in each second of processor time; ratio is this project’s rate over theirs)',
  rows: async ({ quick, python }) => [
    ...(await webpplRows(quick ? 20 : 1000)),
    ...(await pythonRows(python, quick ? 3 : 10)),
  ],
};
