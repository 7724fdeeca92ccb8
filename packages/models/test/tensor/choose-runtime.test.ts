import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Candidate, CANDIDATES, chooseRuntime, tensorflowObstacle } from '../../src/tensor/choose-runtime.ts';
import { add, input, matMul, program, type TensorRuntime } from '../../src/tensor/index.ts';
import { value } from './reference.ts';
import { runOnce } from './support.ts';

const working = (name: string): Candidate => ({
  name,
  load: async ({ threads }) => ({ description: `${name} ${threads}` }) as TensorRuntime,
});
const missing: Candidate = { name: 'gone', load: () => import('package-that-is-not-there' as string) };
const broken: Candidate = {
  name: 'broken',
  load: async () => {
    throw new Error('libcuda.so: cannot open shared object file\nstack');
  },
};

describe('choosing a runtime', () => {
  it('takes the first that loads and says why not each before', async () => {
    const chosen = await chooseRuntime({ threads: 3 }, [broken, missing, working('a'), working('b')]);
    expect(chosen.runtime.description).toBe('a 3');
    expect(chosen.passedOver).toEqual([
      { name: 'broken', reason: 'does not load: libcuda.so: cannot open shared object file' },
      { name: 'gone', reason: 'not installed' },
    ]);
  });

  it('takes the one that is named, or none', async () => {
    const all = [working('a'), working('b'), broken];
    expect((await chooseRuntime({ name: 'b', threads: 1 }, all)).runtime.description).toBe('b 1');
    await expect(chooseRuntime({ name: 'broken' }, all)).rejects.toThrow(/broken: does not load: libcuda/);
    await expect(chooseRuntime({ name: 'c' }, all)).rejects.toThrow(/no runtime called "c"/);
    await expect(chooseRuntime({}, [broken, missing])).rejects.toThrow(/broken: .*; gone: not installed/);
  });

  it('knows without loading TensorFlow why it cannot be used', () => {
    const folder = mkdtempSync(join(tmpdir(), 'post-tf-'));
    const at = (node: string, gpu: boolean, named = false) => tensorflowObstacle({ named }, { node, folder, gpu });
    expect(tensorflowObstacle({ named: true }, { node: '20.19.0', folder: undefined, gpu: true })).toBe(
      'not installed',
    );
    expect(at('20.19.0', true)).toMatch(/native part is missing/);
    mkdirSync(join(folder, 'lib', 'napi-v8'), { recursive: true });
    writeFileSync(join(folder, 'lib', 'napi-v8', 'tfjs_binding.node'), '');
    expect(at('20.19.0', true)).toBeUndefined();
    expect(at('20.19.0', false)).toMatch(/no NVIDIA GPU/);
    expect(at('20.19.0', false, true)).toBeUndefined();
    expect(at('23.1.0', true)).toMatch(/Node.js 23.1.0.*isNullOrUndefined/);
  });

  it('prefers the GPU, then native code, then WASM', () => {
    expect(CANDIDATES.map((c) => c.name)).toEqual(['tensorflow', 'onnxruntime-node', 'onnxruntime-web']);
  });

  it.each(['onnxruntime-node', 'onnxruntime-web'])('%s runs a program here', async (name) => {
    const [a, b] = [input('a', ['rows', 2]), input('b', [2, 2])];
    const found = await chooseRuntime({ name, threads: 2 }).catch((error: Error) => error.message);
    if (typeof found === 'string') {
      // An optional dependency: it may be left out, but then that must be what is wrong.
      expect(name).toBe('onnxruntime-web');
      expect(found).toContain('not installed');
      console.log(`skipped: ${found}`);
      return;
    }
    expect(found.runtime.description).toMatch(/^onnxruntime-(node|web) \d+\.\d+.* 2 threads$/);
    const { y } = await runOnce(found.runtime, program({ y: add(matMul(a, b), a) }), {
      a: value([3, 2], [1, 2, 3, 4, 5, 6]),
      b: value([2, 2], [1, 0, 2, 1]),
    });
    expect([...y.data]).toEqual([6, 4, 14, 8, 22, 12]);
  });
});
