import { createRequire } from 'node:module';
import { setTimeout as after } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Job } from './job.ts';
import { receiveError, type Answer, type Message, type Question } from './messages.ts';

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

/** Milliseconds that a thread is given to come out of native code. */
const PATIENCE = 10_000;

/**
 * Whether this process has loaded a library in native code, as its workers then have too. A thread that is cut off inside a call of
 * one (of onnxruntime's, for one) ends the whole process.
 */
function nativeCode(): boolean {
  return Object.keys(createRequire(import.meta.url).cache).some((file) => file.endsWith('.node'));
}

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
    const alive = this.state !== 'gone';
    this.state = 'gone';
    if (alive && nativeCode()) await this.askToEnd();
    await this.worker.terminate();
  }

  private async askToEnd(): Promise<void> {
    const ended = new Promise((resolve) => this.worker.once('exit', resolve));
    const end: Message = 'end';
    this.worker.postMessage(end);
    await Promise.race([ended, after(PATIENCE, undefined, { ref: false })]);
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
