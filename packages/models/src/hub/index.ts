export { describeFolder, readModelFolder, type DescribedFolder, type ModelFolder } from './model-folder.ts';
