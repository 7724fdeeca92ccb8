export { exactEngine } from './engine.ts';
export { EXACT_DEFAULTS, type ExactOptions } from './options.ts';
