export { bindFeature, bindTest } from './bind.ts';
export type { BoundFunction } from './bound.ts';
export { runMachine } from './run-machine.ts';
export { eventLanguage, type EventVerdict } from './event-language.ts';
