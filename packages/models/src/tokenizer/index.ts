export { modelTokenizer, type ModelTokenizer, type TokenizerSources } from './model-tokenizer.ts';
export type { SpecialTokens } from './special-tokens.ts';
export type { AddedTokenJson, TokenizerJson } from './tokenizer-json.ts';
export { END_OF_TEXT, LEAST_BPE_SIZE, trainBpe } from './train-bpe.ts';
