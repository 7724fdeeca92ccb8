import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { bigram, type LanguageModel } from '../../src/index.ts';
import { serve, servedPrior, type RunningServer, type ServeOptions } from '../../src/serve/index.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';

/** A chain over three letters, as long as anyone asks for. */
export const LETTERS = (maxTokens: number): LanguageModel =>
  bigram(
    [
      ['^', [['a', 0.5], ['b', 0.3], ['c', 0.15], ['$', 0.05]]],
      ['a', [['a', 0.1], ['b', 0.5], ['c', 0.2], ['$', 0.2]]],
      ['b', [['a', 0.4], ['b', 0.1], ['c', 0.2], ['$', 0.3]]],
      ['c', [['a', 0.25], ['b', 0.35], ['c', 0.3], ['$', 0.1]]],
    ],
    maxTokens,
  ); // prettier-ignore

let unseeded = 1;

/** A server of `model` that goes away with the test. */
export async function serving(model: LanguageModel, options: Partial<ServeOptions> = {}): Promise<RunningServer> {
  const chooserOf = (seed: string | undefined) => seededChooser(seed === undefined ? unseeded++ : Number(seed));
  const server = await serve(servedPrior('letters', model), { chooserOf, ...options });
  onTestFinished(() => server.close(0));
  return server;
}

/** A server that answers with `answer`, and how often it was asked. */
export async function fakeServer(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number, body: Buffer) => void,
): Promise<{ url: string; asked: () => number }> {
  let nth = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, ++nth, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => nth };
}

/**
 * Stands between a client and a server and changes answers to completions; where `before` says true it has answered itself. Gives its
 * address.
 */
export async function proxy(
  url: string,
  change: (answer: { choices: Record<string, unknown>[] }) => unknown,
  before: (response: ServerResponse, nth: number, path: string) => boolean = () => false,
): Promise<string> {
  const fake = await fakeServer((request, response, nth, body) => {
    const { method = 'GET', url: path = '/' } = request;
    if (before(response, nth, path)) return;
    void fetch(url + path, { method, ...(body.length > 0 ? { body } : {}) }).then(async (answer) => {
      const json: unknown = JSON.parse((await answer.text()) || 'null');
      const changed = path === '/v1/completions' && answer.ok ? change(json as never) : json;
      response.writeHead(answer.status).end(JSON.stringify(changed));
    });
  });
  return fake.url;
}
