import { isJsonObject } from '../tokenizer/tokenizer-file.ts';
import { ask, fetchFailure, passing, type Asked } from './request.ts';
import { retrying } from './retry.ts';
import type { HubSettings } from './settings.ts';

/** A model on the hub at one commit. */
export interface Repository {
  readonly commit: string;
  /** Size in bytes of each file, where the hub tells. */
  readonly files: ReadonlyMap<string, number | undefined>;
}

/** What the hub holds of a model. P513 where it cannot be known. */
export async function lookUp(asked: Asked, settings: HubSettings): Promise<Repository> {
  const { repository, revision } = asked;
  const url = `${settings.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const value: unknown = await retrying(async () => {
    const { response, done } = await ask(url, asked, settings);
    return response
      .json()
      .catch((error: unknown) => Promise.reject(passing(error)))
      .finally(done);
  }, settings.retryDelay);
  const { sha, siblings } = isJsonObject(value) ? value : {};
  if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha) || !Array.isArray(siblings)) {
    throw fetchFailure(`the hub ${settings.endpoint} does not say what the model "${repository}" consists of.`);
  }
  const files = new Map<string, number | undefined>();
  for (const entry of siblings as unknown[]) {
    if (!isJsonObject(entry) || typeof entry['rfilename'] !== 'string') continue;
    files.set(entry['rfilename'], typeof entry['size'] === 'number' ? entry['size'] : undefined);
  }
  return { commit: sha, files };
}

const DESCRIBING = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'generation_config.json'];
const SHARD = /^model-\d+-of-\d+\.safetensors$/;
const ONNX = /^onnx\/model\.onnx(_data(_\d+)?)?$/;

/** The files that a model needs: what describes it, and its weights as safetensors, or else as ONNX. P513 where there are none. */
export function neededFiles(names: Iterable<string>, repository: string): readonly string[] {
  const all = [...names].sort();
  const described = all.filter((name) => DESCRIBING.includes(name));
  const lacks = DESCRIBING.slice(0, 2).find((name) => !described.includes(name));
  if (lacks !== undefined)
    throw fetchFailure(`the model "${repository}" has no ${lacks}, without which it cannot be used here.`);
  if (all.includes('model.safetensors')) return [...described, 'model.safetensors'];
  if (all.includes('model.safetensors.index.json')) {
    return [...described, 'model.safetensors.index.json', ...all.filter((name) => SHARD.test(name))];
  }
  const onnx = all.filter((name) => ONNX.test(name));
  if (onnx.length > 0) return [...described, ...onnx];
  const other = all.find((name) => /\.(bin|pt|pth|h5|msgpack|gguf)$/.test(name));
  throw fetchFailure(
    `the model "${repository}" has no weights as safetensors or ONNX${other === undefined ? '' : `, only ${other}`}. ` +
      'Weights are read here, never executed.',
  );
}
