import { fail } from '@postulate/graph';
import type { GuideReading, Snapshot } from '../port/index.ts';
import type { AdamW } from '../training/adam-w.ts';
import type { Guide } from './guide.ts';

type Arrays = Snapshot['arrays'];

const named = (name: string, law: number): string => `guide:${name}:${law}`;

/** What a snapshot keeps of guides: their values, with the moments of these, and what they read in the rows. */
export function guideArrays(guides: readonly Guide[], optimiser: AdamW): Arrays {
  const own = guides.flatMap(({ values, reader }, law) => [
    [named('value', law), values.slice()] as const,
    ...Object.entries(reader?.reading ?? {}).map(([name, a]) => [named(name, law), Float64Array.from(a)] as const),
  ]);
  const moments = Object.entries(optimiser.state().arrays).map(([name, a]) => [`guide:${name}`, a] as const);
  return Object.fromEntries([...own, ...moments]);
}

/** Throws P903 for the snapshot of a policy with other guides, or none. */
export function insistSameGuides(guides: readonly Guide[], { arrays }: Snapshot): void {
  const lengthOf = (name: string, law: number): number | undefined =>
    (arrays[named(name, law)] as Arrays[string] | undefined)?.length;
  const same = guides.every(
    ({ values, reader }, law) =>
      ['value', 'first', 'second'].every((name) => lengthOf(name, law) === values.length) &&
      lengthOf('open', law) === reader?.reading.open.length,
  );
  if (same) return;
  throw fail('P903', 'the checkpoint is that of a policy with another guide, or none', { kind: 'outside' });
}

export function restoreGuides(guides: readonly Guide[], optimiser: AdamW, { step, arrays }: Snapshot): void {
  guides.forEach((guide, law) => {
    guide.values.set(arrays[named('value', law)]);
    if (guide.reader !== undefined) guide.read(readingIn(arrays, law));
  });
  const moments = Object.entries(arrays as Readonly<Record<string, Float32Array>>).flatMap(([name, a]) =>
    /^guide:(first|second):/.test(name) ? [[name.slice('guide:'.length), a] as const] : [],
  );
  optimiser.restore({ step, arrays: Object.fromEntries(moments) });
}

function readingIn(arrays: Arrays, law: number): GuideReading {
  return {
    tokens: Int32Array.from(arrays[named('tokens', law)]),
    weights: Float64Array.from(arrays[named('weights', law)]),
    open: Uint8Array.from(arrays[named('open', law)]),
  };
}
