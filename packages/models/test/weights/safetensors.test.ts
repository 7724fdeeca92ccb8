import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeSafetensors, openSafetensors, openWeights, writeSafetensors, type TensorData } from '../../src/index.ts';
import { floatToHalf, halvesToFloats } from '../../src/weights/half.ts';
import { failure, temporaryFolder } from '../priors/support.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

const tensors: fc.Arbitrary<TensorData[]> = fc.uniqueArray(
  fc
    .record({
      name: fc.string().filter((name) => name !== '__metadata__'),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      seed: fc.float({ noNaN: true }),
    })
    .map(({ name, shape, seed }) => {
      const length = shape.reduce((product, n) => product * n, 1);
      return {
        name,
        shape,
        data: Float32Array.from({ length }, (_, i) => (i === 0 ? seed : Math.sin(i) * 10 ** (i % 7))),
      };
    }),
  { selector: (t) => t.name, maxLength: 6 },
);

test('what is written in f32 is read back to the last bit', async () => {
  const folder = temporaryFolder();
  await fc.assert(
    fc.asyncProperty(tensors, async (list) => {
      const file = join(folder, 'a.safetensors');
      await writeSafetensors(file, list, { metadata: { format: 'pt', of: 'me' } });
      const weights = await openSafetensors(file);
      expect([...weights.tensors.keys()].sort()).toEqual(list.map((t) => t.name).sort());
      expect(weights.metadata).toEqual({ format: 'pt', of: 'me' });
      for (const { name, shape, data } of list) {
        expect(weights.tensors.get(name)?.shape).toEqual(shape);
        expect(new Uint32Array((await weights.read(name)).buffer)).toEqual(new Uint32Array(data.buffer));
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test('in f16 each number is the nearest', async () => {
  const data = Float32Array.from({ length: 1000 }, (_, i) => Math.tan(i) * 3 ** (i % 9) * 1e-3);
  const file = join(temporaryFolder(), 'a.safetensors');
  await writeSafetensors(file, [{ name: 'w', shape: [10, 100], data }], { type: 'F16' });
  const expected = new Float32Array(1000);
  halvesToFloats(Uint16Array.from(data, floatToHalf), expected);
  expect(await (await openSafetensors(file)).read('w')).toEqual(expected);
  const large = [{ name: 'w', shape: [1], data: Float32Array.of(70000) }];
  expect(await failure(() => encodeSafetensors(large, { type: 'F16' }))).toBe(
    'P510: a weight of "w" is 70000, which is too large for f16: write f32.',
  );
});

test('reads what the reference implementation wrote', async () => {
  const weights = await openSafetensors(join(FIXTURES, 'tiny.safetensors'));
  const numbers = JSON.parse(readFileSync(join(FIXTURES, 'tiny.json'), 'utf8')) as Record<string, string[]>;
  for (const [name, values] of Object.entries(numbers)) {
    const read = Array.from(await weights.read(name));
    expect(read).toEqual(values.map((v) => (v.endsWith('inf') ? Number(v.replace('inf', 'Infinity')) : Number(v))));
  }
  expect(weights.metadata).toEqual({ format: 'np' });
  expect(await failure(() => weights.read('mask'))).toMatch(
    /^P510: .*tiny\.safetensors" has the array "mask" in BOOL; weights must/,
  );
  expect(await failure(() => weights.read('x'))).toMatch(/^P510: .*has no array "x"\.$/);
});

const OK = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };

/** A file of any header, with `data` bytes behind it. */
function fileOf(header: unknown, data: number, length?: bigint): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(length ?? BigInt(json.length));
  return Buffer.concat([first, json, Buffer.alloc(data)]);
}

test.each<[string, Buffer, RegExp]>([
  ['empty', Buffer.alloc(0), /has 0 bytes, too few/],
  [
    'another format',
    Buffer.from('PK\x03\x04 a zip file'),
    /is not in the safetensors format, or its header is longer than 100 MB/,
  ],
  ['a huge header', fileOf('{}', 0, 2n ** 60n), /longer than 100 MB/],
  [
    'cut off in the header',
    fileOf({ w: OK }, 0, 5000n),
    /is cut off: its header should have 5000 bytes, but the file has \d+ in all/,
  ],
  ['not JSON', fileOf('{"w": ', 0), /has a header that is not JSON/],
  ['not an object', fileOf('[]', 0), /has a header that is not a JSON object/],
  ['not UTF-8', Buffer.concat([fileOf('{"w"', 0, 6n), Buffer.of(0xff, 0xff)]), /has a header that is not JSON/],
  ['an unknown type', fileOf({ w: { ...OK, dtype: 'X7' } }, 4), /gives the array "w" the type "X7", which is unknown/],
  ['no type', fileOf({ w: 1 }, 4), /gives the array "w" the type undefined/],
  ['a broken shape', fileOf({ w: { ...OK, shape: [0.5] } }, 4), /gives the array "w" no shape of whole numbers/],
  ['no offsets', fileOf({ w: { ...OK, data_offsets: [4, 0] } }, 4), /gives the array "w" no place in the file/],
  ['another size', fileOf({ w: { ...OK, shape: [2] } }, 4), /of shape \[2\] in F32 4 bytes, but it needs 8/],
  ['a shape beyond numbers', fileOf({ w: { ...OK, shape: [2 ** 40, 2 ** 40] } }, 4), /in F32 4 bytes, but it needs/],
  ['overlap', fileOf({ v: OK, w: OK }, 4), /is damaged: the array "w" overlaps the one before it/],
  [
    'a hole',
    fileOf({ w: { ...OK, data_offsets: [4, 8] } }, 8),
    /is damaged: the array "w" leaves a hole in front of it/,
  ],
  ['cut off in the data', fileOf({ w: OK }, 3), /is cut off: it should have \d+ bytes, but has \d+/],
  ['bytes at the end', fileOf({ w: OK }, 7), /has 3 bytes more than its header tells of/],
  ['broken metadata', fileOf({ __metadata__: { a: 1 }, w: OK }, 4), /has metadata that are not strings by name/],
])('refuses a file that is %s', async (_, bytes, message) => {
  const file = join(temporaryFolder({ 'bad.safetensors': bytes }), 'bad.safetensors');
  const found = await failure(() => openSafetensors(file));
  expect(found).toMatch(/^P510: the weights file ".*bad\.safetensors" /);
  expect(found).toMatch(message);
});

test('a file cut off at any byte is refused', async () => {
  const whole = Buffer.from(encodeSafetensors([{ name: 'w', shape: [3], data: Float32Array.of(1, 2, 3) }]));
  for (let size = 0; size < whole.length; size++) {
    const folder = temporaryFolder({ 'a.safetensors': whole.subarray(0, size) });
    expect(await failure(() => openSafetensors(join(folder, 'a.safetensors')))).toMatch(/^P510/);
  }
});

test('a file that became shorter after it was opened is refused', async () => {
  const file = join(temporaryFolder(), 'a.safetensors');
  await writeSafetensors(file, [{ name: 'w', shape: [300], data: new Float32Array(300) }]);
  const weights = await openSafetensors(file);
  truncateSync(file, 200);
  expect(await failure(() => weights.read('w'))).toMatch(/^P510: .*has become shorter since it was opened/);
});

const tensor = (name: string, value: number): TensorData => ({ name, shape: [1], data: Float32Array.of(value) });

test('weights in shards are found by the index', async () => {
  const index = { metadata: { total_size: 8 }, weight_map: { a: 's-1.safetensors', b: 's-2.safetensors' } };
  const files = {
    's-1.safetensors': encodeSafetensors([tensor('a', 1), tensor('unlisted', 3)]),
    's-2.safetensors': encodeSafetensors([tensor('b', 2)]),
  };
  const name = 'model.safetensors.index.json';
  const weights = await openWeights(temporaryFolder({ ...files, [name]: JSON.stringify(index) }));
  expect([...weights.tensors.keys()]).toEqual(['a', 'b']);
  expect([await weights.read('a'), await weights.read('b')]).toEqual([Float32Array.of(1), Float32Array.of(2)]);

  const bad = (change: object, left: object = files) =>
    failure(() => openWeights(temporaryFolder({ ...left, [name]: JSON.stringify({ ...index, ...change }) })));
  expect(await bad({}, { 's-1.safetensors': files['s-1.safetensors'] })).toMatch(
    /^P511: .*lacks s-2\.safetensors, which/,
  );
  expect(await bad({ weight_map: { c: 's-1.safetensors' } })).toMatch(/^P510: .*s-1\.safetensors" has no array "c"/);
  expect(await bad({ weight_map: { a: '../s-1.safetensors' } })).toMatch(
    /^P510: .*which is no \.safetensors file beside it/,
  );
  expect(await bad({ weight_map: null })).toMatch(/^P510: .*has no `weight_map`/);
  expect(await failure(() => openWeights(temporaryFolder({ [name]: '{' })))).toMatch(/^P510: .*is not JSON/);
});

test('weights that would have to be executed are refused', async () => {
  expect(await failure(() => openWeights(temporaryFolder({ 'pytorch_model.bin': 'x' })))).toMatch(
    /^P511: .*has its weights in pytorch_model\.bin only, which is a program: .* Weights are read here, never executed\.$/,
  );
  expect(await failure(() => openWeights(temporaryFolder()))).toMatch(
    /^P511: .*has no weights: neither model\.safetensors nor/,
  );
  expect(await failure(() => openSafetensors('/no/such'))).toMatch(
    /^P500: cannot read the weights file "\/no\/such": there is no/,
  );
});

test('a file that cannot be written is told and leaves nothing behind', async () => {
  const folder = temporaryFolder();
  expect(await failure(() => writeSafetensors(join(folder, 'no', 'a.safetensors'), [tensor('a', 1)]))).toMatch(/^P903/);
});
