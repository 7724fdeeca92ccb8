import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fail, type PostError } from '@postulate/graph';
import { contentId } from '../priors/content-id.ts';
import { modelTokenizer, type ModelTokenizer } from '../tokenizer/model-tokenizer.ts';
import type { Json } from '../tokenizer/tokenizer-file.ts';
import { openWeights, type Weights } from '../weights/index.ts';
import { fileHash } from './file-hash.ts';
import { folderJson } from './folder-json.ts';

/** What a model folder in the Hugging Face layout says beside its weights, whatever runtime reads those. */
export interface DescribedFolder {
  readonly path: string;
  /** `config.json` as it is: who builds the model checks its sizes. */
  readonly config: Json;
  /** Columns of the model: `vocab_size`. */
  readonly vocabularySize: number;
  readonly tokenizer: ModelTokenizer;
  /** Paths of the files that were read. */
  readonly files: readonly string[];
}

export interface ModelFolder extends DescribedFolder {
  /** Kind of model: `model_type`, such as `gpt2`. */
  readonly modelType: string;
  readonly weights: Weights;
  /** Of the content of `files`: equal folders have equal ids, wherever they lie. */
  readonly id: string;
}

const CONFIG = 'config.json';
const TOKENIZER = 'tokenizer.json';
const OPTIONAL = ['tokenizer_config.json', 'generation_config.json'] as const;

/**
 * A model folder with its weights, which are opened but not read yet. Errors: P511 for what is missing or cannot be understood, P512 for
 * the tokenizer, P510 for the weights, P500 where a file cannot be read.
 */
export async function readModelFolder(path: string): Promise<ModelFolder> {
  const described = await describeFolder(path);
  const modelType = described.config['model_type'];
  if (typeof modelType !== 'string') throw broken(path, `\`model_type\` is ${JSON.stringify(modelType)}, not a string`);
  const weights = await openWeights(path);
  const files = [...described.files, ...weights.files];
  const hashes = await Promise.all(files.map(async (file) => [basename(file), await fileHash(file)]));
  return { ...described, modelType, weights, files, id: contentId('folder', ...hashes) };
}

/** The configuration and tokenizer of a model folder. Errors: P511, P512 and P500 as `readModelFolder`. */
export async function describeFolder(path: string): Promise<DescribedFolder> {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw fail('P511', `there is no model folder "${path}".`, { kind: 'outside' });
  }
  const config = await folderJson(path, CONFIG);
  if (config === undefined) throw lacking(path, CONFIG);
  const vocabularySize = config['vocab_size'];
  if (typeof vocabularySize !== 'number' || !Number.isInteger(vocabularySize) || vocabularySize < 1) {
    throw broken(path, `\`vocab_size\` is ${JSON.stringify(vocabularySize)}, not a positive whole number`);
  }
  const tokenizer = await folderJson(path, TOKENIZER);
  if (tokenizer === undefined) throw lacking(path, TOKENIZER);
  const [tokenizerConfig, generationConfig] = await Promise.all(OPTIONAL.map((name) => folderJson(path, name)));
  const more = { tokenizerConfig: tokenizerConfig ?? {}, generationConfig: generationConfig ?? {} };
  const files = [CONFIG, TOKENIZER, ...OPTIONAL].map((name) => join(path, name)).filter((file) => existsSync(file));
  const source = `"${join(path, TOKENIZER)}"`;
  return {
    path,
    config,
    vocabularySize,
    tokenizer: modelTokenizer({ tokenizer, config, ...more, vocabularySize, source }),
    files,
  };
}

function broken(path: string, what: string): PostError {
  return fail('P511', `"${join(path, CONFIG)}": ${what}.`, { kind: 'outside' });
}

/** Older tokenizers have other files. */
const OLD_TOKENIZERS = ['tokenizer.model', 'vocab.json'];

function lacking(path: string, name: string): PostError {
  const old = name === TOKENIZER ? OLD_TOKENIZERS.find((file) => existsSync(join(path, file))) : undefined;
  return fail('P511', `the model folder "${path}" has no ${name}${old === undefined ? '' : `, only ${old}`}.`, {
    kind: 'outside',
    help:
      old === undefined
        ? 'a model folder holds config.json, tokenizer.json and model.safetensors, as the Hugging Face libraries write them.'
        : 'the Hugging Face libraries write tokenizer.json from it: AutoTokenizer.from_pretrained(…).save_pretrained(…).',
  });
}
