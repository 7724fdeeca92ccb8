/** A figure of another system, quoted. No command of this project measures it. */
export interface PeerFigure {
  readonly task: string;
  readonly peer: string;
  readonly result: string;
}

export const PEERS_SOURCE =
  'Measured elsewhere and quoted (as of 2026-11-23): two cores, Python 3.11, torch 2.13 on the CPU. Rates are noisy.';

export const PEERS: readonly PeerFigure[] = [
  { task: 'A', peer: 'disco 1.1.2, quasi-rejection, exact bound', result: 'acceptance 0.835; about 80,000 proposals/s, 67,000 accepted/s' },
  { task: 'A', peer: 'genlm-control 0.4, AWRS', result: 'RMSE of log Z 0.097 to 0.120 at N = 10, 0.018 to 0.032 at N = 100; 761 to 1,502 particles/s; no error bar' },
  { task: 'B', peer: 'disco 1.1.2, quasi-rejection, exact bound', result: '0 of 20,000 accepted' },
  { task: 'B', peer: 'genlm-control 0.4, product of potentials', result: 'RMSE of log Z 0.36 to 0.43 at N = 10, 0.07 to 0.16 at N = 100; 268 to 661 particles/s' },
  { task: 'B', peer: 'llamppl, SMC standard / steering', result: 'RMSE of log Z 0.23 to 0.25 / 0.17 to 0.22 at N = 100; 2,000 / 500 particles/s' },
  { task: 'C', peer: 'disco, moment fit', result: 'lambda 0.409 ± 0.033 in 0.33 s (n = 512), 0.425 ± 0.025 in 2.9 s (n = 8192); exact 0.4296' },
]; // prettier-ignore

export function formatPeers(): string {
  const task = PEERS.map((p) => p.task.length);
  const peer = PEERS.map((p) => p.peer.length);
  const [a, b] = [Math.max(...task), Math.max(...peer)];
  return PEERS.map((p) => `${p.task.padEnd(a)}  ${p.peer.padEnd(b)}  ${p.result}`).join('\n');
}
