import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BadRequest, errorBody } from './bad-request.ts';
import type { GenerateOptions } from './generate.ts';
import { type Route, routesOf } from './routes.ts';
import type { Served } from './served.ts';
import type { Chooser } from '../port/index.ts';

/** Bodies are refused above this many bytes. */
const MOST_BYTES = 64 * 2 ** 20;

export interface ServeOptions {
  /** Default: this machine alone can connect. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port?: number;
  readonly logprobsMode?: GenerateOptions['logprobsMode'];
  /** Most of the likeliest tokens that are told at a place; −1 for no limit. Default 20. */
  readonly maxLogprobs?: number;
  /** Randomness of a request, by its seed; without a seed each request has its own. */
  chooserOf(seed: string | undefined): Chooser;
  /** One line a request. */
  readonly log?: (line: string) => void;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  /** Takes no more requests and ends once those under way are answered, or after `patience` milliseconds at the latest. */
  close(patience?: number): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new BadRequest(`the body is longer than ${MOST_BYTES} bytes`, null, 413);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BadRequest('the body is not JSON');
  }
}

/** Speaks the part of vLLM's protocol that `routesOf` lists. Resolves once the server listens. */
export async function serve(served: Served, options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0 } = options;
  const routes = routesOf(served, options);
  const server = createServer((request, response) => {
    void respond(routes, request, response, options.log);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    port: address.port,
    close: (patience = 5000) => closed(server, patience),
  };
}

async function closed(server: Server, patience: number): Promise<void> {
  const done = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), patience);
  await done;
  clearTimeout(timer);
}

async function respond(
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
  log: ServeOptions['log'],
): Promise<void> {
  const started = performance.now();
  const path = new URL(request.url ?? '/', 'http://localhost').pathname.replace(/\/+$/, '') || '/';
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  let note = '';
  let [status, body]: [number, unknown] = [200, ''];
  try {
    const route = routes.get(path);
    if (route === undefined) throw new BadRequest(`there is nothing at ${path}`, null, 404);
    if (request.method !== route.method) throw new BadRequest(`${path} takes ${route.method}`, null, 405);
    const answer = await route.answer(route.method === 'POST' ? await bodyOf(request) : undefined, gone.signal);
    body = answer.body;
    note = answer.note ?? '';
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    status = gone.signal.aborted ? 499 : error instanceof BadRequest ? error.status : 500;
    body = errorBody(message, status, error instanceof BadRequest ? error.param : null);
    note = message;
  }
  if (!response.destroyed) {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === '' ? '' : JSON.stringify(body));
  }
  log?.(
    `${request.method} ${path} ${status} ${Math.round(performance.now() - started)} ms${note === '' ? '' : ` ${note}`}`,
  );
}
