import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classifySource } from '../../src/index.ts';
import { failure, temporaryFolder } from '../priors/support.ts';

test('a source is a bundled model, a folder, a file, a server or a hub id', async () => {
  const directory = temporaryFolder({ 'm.gguf': 'x' });
  const of = (source: string) => classifySource(source, directory);
  expect(of('tiny-english')).toEqual({ kind: 'bundled', name: 'tiny-english' });
  expect(of('m.gguf')).toEqual({ kind: 'gguf', path: join(directory, 'm.gguf') });
  expect(of('http://localhost:8000/v1')).toEqual({ kind: 'server', url: 'http://localhost:8000/v1' });
  expect(of('.')).toEqual({ kind: 'folder', path: directory });
  expect(of('openai-community/gpt2')).toEqual({ kind: 'hub', repository: 'openai-community/gpt2', revision: 'main' });
  expect(of('o/m-1.5@refs/pr/1')).toEqual({ kind: 'hub', repository: 'o/m-1.5', revision: 'refs/pr/1' });
  for (const bad of ['gpt2', './o/m', '../o/m', '/o/m', '~/o', 'a/b/c', 'o/m@../x']) {
    expect(await failure(() => of(bad))).toBe(
      `P511: there is no model "${bad}": it is neither bundled, nor a folder, nor an id on the hub.`,
    );
  }
});

test('a folder that is there comes before the hub', () => {
  const directory = temporaryFolder();
  expect(classifySource(`${directory}`, '/').kind).toBe('folder');
});
