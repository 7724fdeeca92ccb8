import type { Maybe } from '../bind/index.ts';
import type { Engine, Request } from '../port/index.ts';

/** A chunk of an engine's work: in place, or wherever the request has it done. */
export function workOn<State extends { readonly request: Request }, Chunk>(
  engine: Pick<Engine<object, State>, 'chunk' | 'chunks'>,
  state: State,
  index: number,
  input?: unknown,
): Maybe<Chunk> {
  const here = (): Maybe<Chunk> => engine.chunk!(state, index, input) as Maybe<Chunk>;
  const { work } = state.request;
  if (work === undefined) return here();
  return work({ index, input, most: engine.chunks?.(state) ?? Infinity, here }) as Maybe<Chunk>;
}
