/** Entry of a worker thread: makes the run it was started with anew, then does the chunks it is asked for, one by one. */
import { parentPort, workerData } from 'node:worker_threads';
import { openJob, type Job } from './job.ts';
import { buffersOf, sendError, type Answer, type Message, type Question } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('this file is the entry of a worker thread');

const answer = (a: Answer): void => port.postMessage(a, a.kind === 'done' ? [...buffersOf(a.result)] : []);

// Between two calls of a library in native code this thread can end, in the middle of one it would take the process with it.
port.on('message', (message: Message) => {
  if (message === 'end') process.exit();
});

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
  port.on('message', (message: Message) => {
    if (message !== 'end') last = last.then(() => doOne(message));
  });
  answer({ kind: 'ready' });
} catch (error) {
  answer({ kind: 'unable', error: sendError(error) });
}
