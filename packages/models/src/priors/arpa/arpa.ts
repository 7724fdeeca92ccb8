import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { fail, PostError } from '@postulate/graph';
import type { LanguageModel } from '../../port/index.ts';
import { contentId } from '../content-id.ts';
import { tableModel } from '../table-model.ts';
import { ArpaParser } from './arpa-parser.ts';

const NEW_LINE = 10;

/**
 * The back-off model of an ARPA file, plain or gzipped (told by its first bytes): p(w | h) is the stored number, else
 * the back-off weight of h times p(w | h′) (Katz 1987). log10 ≤ −99 is zero. `<s>` and `<unk>` are never generated:
 * `norm` renormalises each context over the rest. Texts start after a single `<s>` if the file has it.
 * Errors: P500 for a file that cannot be read, P501 with the line for one that is malformed.
 */
export async function arpa(path: string, name: string, maxTokens: number, separator = ' '): Promise<LanguageModel> {
  const parser = new ArpaParser(name);
  const hash = createHash('sha256');
  try {
    const gzipped = await isGzip(path);
    const consume = async (chunks: AsyncIterable<Buffer>): Promise<void> => feedLines(chunks, parser, hash);
    const source = createReadStream(path, { highWaterMark: 1 << 20 });
    await (gzipped ? pipeline(source, createGunzip({ chunkSize: 1 << 20 }), consume) : pipeline(source, consume));
  } catch (cause) {
    throw unreadable(name, cause);
  }
  const { tokens, table } = parser.finish();
  return tableModel({
    id: contentId('arpa', hash.digest('hex'), maxTokens, separator),
    vocabulary: { size: tokens.length, tokens, separator },
    maxTokens,
    table,
  });
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function feedLines(
  chunks: AsyncIterable<Buffer>,
  parser: ArpaParser,
  hash: { update(bytes: Buffer): unknown },
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    hash.update(chunk);
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = bytes.indexOf(NEW_LINE); at !== -1; at = bytes.indexOf(NEW_LINE, from)) {
      parser.feed(bytes, from, at);
      from = at + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) parser.feed(rest, 0, rest.length);
}

function unreadable(name: string, cause: unknown): unknown {
  if (cause instanceof PostError) return cause;
  const code = (cause as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return fail('P501', `${name}: the gzip file is damaged or cut off (${code}).`, { kind: 'outside', cause });
  }
  const found = code === 'ENOENT' ? 'there is no such file' : (cause as Error).message;
  return fail('P500', `cannot read the ARPA file "${name}": ${found}. Paths are relative to the .post file.`, {
    kind: 'outside',
    cause,
  });
}
