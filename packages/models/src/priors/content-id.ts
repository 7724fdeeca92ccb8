import { createHash } from 'node:crypto';

/** Names a model by what it is made of: equal parts give equal ids. Parts are serialised as JSON. */
export function contentId(kind: string, ...parts: readonly unknown[]): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}
