/** A figure of another system, quoted. No command of this project measures it. */
export interface PeerFigure {
  readonly task: string;
  readonly peer: string;
  readonly result: string;
  /** Its best rate, where it counts particles. */
  readonly particlesPerSecond?: number;
}

export const PEERS_SOURCE =
  'Measured elsewhere and quoted (as of 2026-11-23): two cores, Python 3.11, torch 2.13 on the CPU. Rates are noisy.';

export const PEERS: readonly PeerFigure[] = [
  { task: 'A', peer: 'disco 1.1.2, quasi-rejection, exact bound', result: 'acceptance 0.835; about 80,000 proposals/s, 67,000 accepted/s' },
  { task: 'A', peer: 'genlm-control 0.4, AWRS', result: 'RMSE of log Z 0.097 to 0.120 at N = 10, 0.018 to 0.032 at N = 100; 761 to 1,502 particles/s; no error bar', particlesPerSecond: 1502 },
  { task: 'B', peer: 'disco 1.1.2, quasi-rejection, exact bound', result: '0 of 20,000 accepted' },
  { task: 'B', peer: 'disco, quasi-rejection at 1e4', result: 'total variation 0.128 to the posterior; about 3,200 accepted/s' },
  { task: 'B', peer: 'genlm-control 0.4, product of potentials', result: 'RMSE of log Z 0.36 to 0.43 at N = 10, 0.07 to 0.16 at N = 100; 268 to 661 particles/s', particlesPerSecond: 661 },
  { task: 'B', peer: 'llamppl, SMC standard / steering', result: 'RMSE of log Z 0.23 to 0.25 / 0.17 to 0.22 at N = 100; 2,000 / 500 particles/s', particlesPerSecond: 2000 },
  { task: 'vocabulary', peer: 'genlm-control 0.4, AWRS', result: 'constraint calls a token at 50,257 tokens: 2.1, 3.1, 13.4, 90.1 where 0.9, 0.5, 0.1, 0.01 of the mass is valid; 3.2 to 5.6 ms a token' },
  { task: 'C', peer: 'disco, moment fit', result: 'lambda 0.409 ± 0.033 in 0.33 s (n = 512), 0.425 ± 0.025 in 2.9 s (n = 8192); exact 0.4296' },
]; // prettier-ignore

/** Particles per second of the fastest of them on a posterior. */
export const bestQuotedRate = (task: string): number =>
  Math.max(...PEERS.filter((p) => p.task === task).map((p) => p.particlesPerSecond ?? 0));

export function formatPeers(): string {
  const task = PEERS.map((p) => p.task.length);
  const peer = PEERS.map((p) => p.peer.length);
  const [a, b] = [Math.max(...task), Math.max(...peer)];
  return PEERS.map((p) => `${p.task.padEnd(a)}  ${p.peer.padEnd(b)}  ${p.result}`).join('\n');
}
