export type { AddedTokenJson, TokenizerJson } from './tokenizer-json.ts';
export { END_OF_TEXT, LEAST_BPE_SIZE, trainBpe } from './train-bpe.ts';
