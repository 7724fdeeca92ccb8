import type { Row } from './row.ts';

export interface TaskOptions {
  /** Fewer seeds and shorter loops: for a look, not for figures to quote. */
  readonly quick: boolean;
  /** A Python that has the peers of `peers/peers.py`; without it they are skipped. */
  readonly python?: string | undefined;
}

export interface Task {
  readonly name: string;
  readonly title: string;
  rows(options: TaskOptions): Promise<readonly Row[]>;
}
