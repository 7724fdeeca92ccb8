export { ggufPrior, type GgufOptions } from './gguf-prior.ts';
