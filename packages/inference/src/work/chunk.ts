import type { Maybe } from '../bind/index.ts';
import type { Engine, Request } from '../port/index.ts';

/** A chunk of an engine's work: in place, or wherever the request has it done. */
export function workOn<State extends { readonly request: Request }, Chunk>(
  engine: Pick<Engine<object, State>, 'chunk'>,
  state: State,
  index: number,
  input?: unknown,
): Maybe<Chunk> {
  const done = state.request.work === undefined ? engine.chunk!(state, index, input) : state.request.work(index, input);
  return done as Maybe<Chunk>;
}
