import { availableParallelism } from 'node:os';
import { fail } from '@postulate/graph';
import type { Work } from '@postulate/inference';
import { workerEntry } from './entry.ts';
import { Hand, LOST, type Task } from './hand.ts';
import type { Job } from './job.ts';
import type { Kept } from './journalled.ts';

/** How many worker threads: a number, or as many as the machine has processors once the run turns out to be long. */
export type Workers = number | 'auto';

export interface Crew {
  readonly work: Work;
  /** Ends the threads. */
  close(): Promise<void>;
}

export interface CrewOptions {
  readonly workers: Workers;
  readonly signal: AbortSignal;
  readonly onMessage?: ((message: string) => void) | undefined;
  /** Where chunks are kept as soon as a thread has done them, and which need not be done ahead. */
  readonly kept?: Kept | undefined;
}

/** Most threads that `auto` starts: each keeps its own copy of the model. */
const AUTO_MOST = 8;
/** Milliseconds a run under `auto` does its work in place; most runs are over by then. */
const SHORT = 1000;
/** Chunks per thread that may be done ahead of what the engine has asked for. */
const AHEAD = 4;

/** Has chunks done by worker threads, each of which makes the job anew. Undefined where one thread is all that is wanted. */
export function openCrew(job: Job, options: CrewOptions): Crew | undefined {
  const { workers } = options;
  const size = workers === 'auto' ? Math.min(availableParallelism(), AUTO_MOST) : workers;
  const entry = size > 1 ? workerEntry() : undefined;
  return entry === undefined ? undefined : new ThreadCrew(entry, job, size, options);
}

class ThreadCrew implements Crew {
  private readonly entry: string;
  private readonly job: Job;
  private readonly size: number;
  private readonly options: CrewOptions;
  private readonly startAt: number;
  private hands: Hand[] | undefined;
  /** Chunks asked for or done ahead, by index; they take no input. */
  private readonly promised = new Map<number, Promise<unknown>>();
  private readonly waiting: Task[] = [];
  private ahead = 0;

  constructor(entry: string, job: Job, size: number, options: CrewOptions) {
    this.entry = entry;
    this.job = job;
    this.size = size;
    this.options = options;
    this.startAt = performance.now() + (options.workers === 'auto' ? SHORT : 0);
  }

  readonly work: Work = ({ index, input, most, here }) => {
    this.ahead = Math.max(this.ahead, index + 1);
    if (this.hands === undefined && performance.now() >= this.startAt) this.start();
    const early = input === undefined ? this.promised.get(index) : undefined;
    // Until the first thread is there, and where none is left, this one does the work.
    if (early === undefined && !this.staffed) return here();
    const result = early ?? this.ask(index, input);
    this.promised.delete(index);
    if (input === undefined && this.staffed) this.askAhead(index, most);
    return this.unlessStopped(result.then((found) => (found === LOST ? here() : found)));
  };

  async close(): Promise<void> {
    this.waiting.length = 0;
    await Promise.all((this.hands ?? []).map((hand) => hand.close()));
  }

  private get staffed(): boolean {
    return this.hands?.some((hand) => hand.ready) ?? false;
  }

  private start(): void {
    this.hands = Array.from({ length: this.size }, () => {
      return new Hand(this.entry, this.job, {
        free: () => this.assign(),
        gone: (reason) => this.miss(reason),
      });
    });
  }

  private miss(reason: string): void {
    this.options.onMessage?.(`a worker thread is missing (${reason}); the run goes on without it`);
    if (this.staffed) this.assign();
    else for (const task of this.waiting.splice(0)) task.resolve(LOST);
  }

  private ask(index: number, input: unknown): Promise<unknown> {
    const { kept } = this.options;
    const answer = new Promise((resolve, reject) => this.waiting.push({ index, input, resolve, reject }));
    const promise = answer.then((result) => {
      if (result !== LOST) kept?.keep(index, input, result);
      return result;
    });
    // What is done ahead and never asked for may fail unheard.
    promise.catch(() => undefined);
    this.assign();
    return promise;
  }

  private askAhead(index: number, most: number): void {
    const end = Math.min(most, index + 1 + AHEAD * this.size);
    for (let k = Math.max(this.ahead, index + 1); k < end; k++) {
      if (!this.options.kept?.has(k)) this.promised.set(k, this.ask(k, undefined));
    }
    this.ahead = Math.max(this.ahead, end);
  }

  private assign(): void {
    for (;;) {
      const free = this.hands?.filter((h) => h.canTake) ?? [];
      const hand = free.length === 0 ? undefined : free.reduce((a, b) => (b.busy < a.busy ? b : a));
      const task = hand === undefined ? undefined : this.waiting.shift();
      if (task === undefined) return;
      hand!.take(task);
    }
  }

  /** A stop is not kept waiting by a chunk. */
  private unlessStopped(result: Promise<unknown>): Promise<unknown> {
    const { signal } = this.options;
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(fail('P902', 'interrupted'));
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
      result.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }
}
