import { Worker } from 'node:worker_threads';
import type { Job } from './job.ts';
import { receiveError, type Answer, type Question } from './messages.ts';

/** In place of the result of a chunk whose worker is gone. */
export const LOST = Symbol('lost');

/** A chunk to be done, and whom to tell. */
export interface Task {
  readonly index: number;
  readonly input: unknown;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export interface HandEvents {
  /** It can take more. */
  free(): void;
  /** It is gone, or never came to be; what it had has been told LOST. */
  gone(reason: string): void;
}

/** Tasks that a worker holds at a time: one at work and one behind it, so that it never waits for this thread. */
const HELD = 2;

/** One worker thread. */
export class Hand {
  private readonly worker: Worker;
  private readonly held = new Map<number, Task>();
  private readonly events: HandEvents;
  private next = 0;
  private state: 'starting' | 'ready' | 'gone' = 'starting';

  constructor(entry: string, job: Job, events: HandEvents) {
    this.events = events;
    this.worker = new Worker(entry, { workerData: job });
    this.worker.on('message', (answer: Answer) => this.hear(answer));
    this.worker.on('error', (error) => this.leave(error.message));
    this.worker.on('exit', () => this.leave('it ended'));
    this.worker.on('messageerror', (error) => this.leave(error.message));
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  /** Tasks that it has now. */
  get busy(): number {
    return this.held.size;
  }

  get canTake(): boolean {
    return this.ready && this.held.size < HELD;
  }

  take(task: Task): void {
    const id = this.next++;
    this.held.set(id, task);
    const question: Question = { id, index: task.index, input: task.input };
    this.worker.postMessage(question);
  }

  async close(): Promise<void> {
    this.state = 'gone';
    await this.worker.terminate();
  }

  private hear(answer: Answer): void {
    if (this.state === 'gone') return;
    if (answer.kind === 'unable') return this.leave(receiveError(answer.error).message);
    if (answer.kind === 'ready') this.state = 'ready';
    else {
      const task = this.held.get(answer.id);
      this.held.delete(answer.id);
      if (answer.kind === 'done') task?.resolve(answer.result);
      else task?.reject(receiveError(answer.error));
    }
    this.events.free();
  }

  private leave(reason: string): void {
    if (this.state === 'gone') return;
    this.state = 'gone';
    for (const task of this.held.values()) task.resolve(LOST);
    this.held.clear();
    void this.worker.terminate();
    this.events.gone(reason);
  }
}
