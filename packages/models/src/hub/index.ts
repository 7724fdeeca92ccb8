export { fetchModel } from './fetch-model.ts';
export { describeFolder, readModelFolder, type DescribedFolder, type ModelFolder } from './model-folder.ts';
export type { FetchProgress, HubOptions } from './settings.ts';
export { BUNDLED_MODELS, classifySource, type ModelSource } from './source.ts';
