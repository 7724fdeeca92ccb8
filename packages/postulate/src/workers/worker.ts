/** Entry of a worker thread: makes the run it was started with anew, then does the chunks it is asked for, one by one. */
import { parentPort, workerData } from 'node:worker_threads';
import { openJob, type Job } from './job.ts';
import { buffersOf, sendError, type Answer, type Question } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

const answer = (a: Answer): void => port.postMessage(a, a.kind === 'done' ? [...buffersOf(a.result)] : []);

try {
  const chunks = await openJob(workerData as Job);
  let last: Promise<void> = Promise.resolve();
  const doOne = async ({ id, index, input }: Question): Promise<void> => {
    try {
      answer({ kind: 'done', id, result: await chunks(index, input) });
    } catch (error) {
      answer({ kind: 'failed', id, error: sendError(error) });
    }
  };
  port.on('message', (question: Question) => (last = last.then(() => doOne(question))));
  answer({ kind: 'ready' });
} catch (error) {
  answer({ kind: 'unable', error: sendError(error) });
}
