export { canonicalTokenMachine } from './canonical.ts';
export { liftMachine } from './lift.ts';
export { parseRegex } from './regex/parse.ts';
export { isRefusal, type Refusal, type TextMachine } from './text-machine.ts';
