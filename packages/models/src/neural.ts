/** What trains and writes neural models: apart from the package's front, so that nothing of it is read where no model needs it. */
export {
  CANDIDATES as TENSOR_RUNTIMES,
  type ChosenRuntime,
  chooseRuntime,
  surveyRuntimes,
} from './tensor/choose-runtime.ts';
export {
  isShipped,
  type Judgement,
  modelPath,
  openBase,
  parseRewardData,
  REWARD_KINDS,
  REWARD_RECIPE,
  RewardFit,
  type RewardKind,
  type RewardRecipe,
  type RewardTraining,
  writeReward,
} from './rewards/index.ts';
export { tensorRuntime } from './tensor/default-runtime.ts';
export type { TensorRuntime } from './tensor/index.ts';
export { tfjsRuntime } from './tensor/tfjs/runtime.ts';
export { Decoder } from './transformer/decoder.ts';
export { END_OF_TEXT, trainBpe, type TokenizerJson } from './tokenizer/index.ts';
export { fastEncoder } from './tokenizer/fast-encoder.ts';
export { readCheckpoint, writeCheckpoint } from './training/checkpoint.ts';
export type { LmTraining } from './training/lm-training.ts';
export { type ModelToWrite, writeModelFolder } from './training/model-folder.ts';
export { type Split, splitTexts } from './training/split.ts';
export {
  bitsPerByte,
  type EncodedTexts,
  encodeSplit,
  LM_RECIPE,
  type LmRecipe,
  recipeConfig,
  startLm,
} from './training/train-lm.ts';
