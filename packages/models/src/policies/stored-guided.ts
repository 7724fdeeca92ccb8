import type { LanguageModel, StoredModel, TokenMachine } from '../port/index.ts';
import { contentId } from '../priors/content-id.ts';
import { Guide } from './guide.ts';
import { guidedModel } from './guided-model.ts';

export const STORED_GUIDED = 'guided';

type Arrays = StoredModel['arrays'];

interface GuidedMeta {
  readonly base: Pick<StoredModel, 'kind' | 'meta'>;
  readonly guides: readonly Pick<TokenMachine, 'vocabularySize' | 'states' | 'start' | 'classes'>[];
}

const BASE = 'base:';
const guideArray = (of: number, name: string): string => `guide ${of}:${name}`;

/** A guided policy as `fitted` reads it back: what is guided as it is stored itself, and the automata with their values. */
export function storedGuided({ kind, meta, arrays }: StoredModel, guides: readonly Guide[]): StoredModel {
  const found: Record<string, Arrays[string]> = {};
  for (const [name, array] of Object.entries(arrays)) found[BASE + name] = array;
  guides.forEach(({ machine, values, reader }, of) => {
    const { classOf, next, output, finalEnd, finalStop } = machine;
    const parts = {
      ...{ values, classOf, next, finalEnd, finalStop },
      ...(output === undefined ? {} : { output }),
      ...reader?.reading,
    };
    for (const [name, array] of Object.entries(parts)) found[guideArray(of, name)] = array.slice();
  });
  const described: GuidedMeta = {
    base: { kind, meta },
    guides: guides.map(({ machine: { vocabularySize, states, start, classes } }) => ({
      ...{ vocabularySize, states, start, classes },
    })),
  };
  return { kind: STORED_GUIDED, meta: { ...described }, arrays: found };
}

/** What is guided, as it was stored. */
export function baseOfGuided({ meta, arrays }: StoredModel): StoredModel {
  const { base } = meta as unknown as GuidedMeta;
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(BASE));
  return { ...base, arrays: Object.fromEntries(own.map(([name, a]) => [name.slice(BASE.length), a])) };
}

/** The law numbered `of` over what it guides. */
export function readGuided({ meta, arrays }: StoredModel, base: LanguageModel, of = 0): LanguageModel {
  const { guides } = meta as unknown as GuidedMeta;
  const part = <T extends Arrays[string]>(name: string): T => arrays[guideArray(of, name)] as T;
  const machine: TokenMachine = {
    ...guides[of],
    classOf: part('classOf'),
    next: part('next'),
    output: part<Float64Array | (undefined & Float64Array)>('output'),
    finalEnd: part('finalEnd'),
    finalStop: part('finalStop'),
  };
  const values = Float64Array.from(part<Float32Array>('values'));
  const tokens = part<Int32Array | (undefined & Int32Array)>('tokens');
  const reading = tokens && { tokens, weights: part<Float64Array>('weights'), open: part<Uint8Array>('open') };
  const own = Object.entries(arrays).filter(([name]) => name.startsWith(guideArray(of, '')));
  const id = contentId('guided', base.id, JSON.stringify(guides[of]), ...own.map(([, array]) => bytesOf(array)));
  return guidedModel(base, new Guide({ machine, values, reading }), id);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Arrays[string]): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
