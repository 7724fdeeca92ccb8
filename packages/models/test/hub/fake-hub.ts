import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);

/** What a request for a file meets; `undefined` leaves it to the hub. */
export type Mishap = (request: IncomingMessage, response: ServerResponse, content: Buffer) => true | undefined;

export interface FakeHub {
  readonly endpoint: string;
  /** "path range" of every request, in order. */
  readonly requests: string[];
  readonly authorizations: (string | undefined)[];
}

export interface FakeHubOptions {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** By file; called for each request until it is served. */
  readonly mishaps?: Readonly<Record<string, Mishap>>;
  /** Announced instead of the right SHA-256. */
  readonly checksum?: string;
  readonly ranges?: boolean;
  /** Answers instead of the hub's own. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => true | undefined;
}

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** A hub on the loopback with one model `me/tiny`: files are redirected to `/bytes/…`, as the real one does with large files. */
export async function fakeHub(options: FakeHubOptions): Promise<FakeHub> {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const contents = new Map(Object.entries(options.files).map(([name, content]) => [name, Buffer.from(content)]));
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    requests.push(`${url} ${request.headers.range ?? ''}`.trim());
    authorizations.push(request.headers.authorization);
    if (options.answer?.(request, response) === true) return;
    if (url.startsWith('/api/models/me/tiny/revision/main')) {
      const siblings = [...contents].map(([rfilename, content]) => ({ rfilename, size: content.length }));
      response.end(JSON.stringify({ sha: COMMIT, siblings }));
      return;
    }
    const [, kind, name] = new RegExp(`^/(me/tiny/resolve/${COMMIT}|bytes)/(.*)$`).exec(url) ?? [];
    const content = contents.get(name);
    if (content === undefined) {
      response.writeHead(404).end();
    } else if (kind !== 'bytes') {
      response
        .writeHead(302, { location: `/bytes/${name}`, 'x-linked-etag': `"${options.checksum ?? sha256(content)}"` })
        .end();
    } else if (options.mishaps?.[name]?.(request, response, content) !== true) {
      serve(request, response, content, options.ranges ?? true);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, authorizations };
}

export function serve(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  ranges: boolean,
  stopAt?: number,
): void {
  const start = Number(/^bytes=(\d+)-$/.exec(ranges ? (request.headers.range ?? '') : '')?.[1] ?? 0);
  if (start >= content.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
    return;
  }
  const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start, ...range });
  if (stopAt === undefined) response.end(content.subarray(start));
  else response.write(content.subarray(start, Math.max(start, stopAt)), () => setTimeout(() => response.destroy(), 100));
}
