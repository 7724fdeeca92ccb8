import { join } from 'node:path';
import type { NodeOf, Range } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { createModels, packSequences, textBatch } from '../../src/index.ts';
import { Recent } from '../../src/extern/recent.ts';
import { failure, temporaryFolder } from '../priors/support.ts';

const UNIT: Range = { lo: 0, hi: 1, loOpen: false, hiOpen: true };
const vocabulary = { size: 3, tokens: ['ab', 'c', 'x'.repeat(100)], separator: '-' };
const scope = { vocabulary, maxTokens: 5, context: {} };

const MODULE = `
export const half = (text) => text.length / 10;
export const later = async (text) => text.length;
export const nothing = () => undefined;
export const nan = () => NaN;
export const infinite = () => Infinity;
export const never = () => -Infinity;
export const throws = (text) => { throw new RangeError('cannot judge ' + text.length); };
export const isAb = (text) => text === 'ab';
export const truthy = (text) => 'yes';
export const number = 3;
`;

async function values(
  name: string,
  options: {
    range?: Range;
    event?: boolean;
    module?: string;
    files?: Record<string, string>;
    allowExtern?: boolean;
  } = {},
): Promise<number[]> {
  const directory = temporaryFolder(options.files ?? { 'm.mjs': MODULE });
  const models = createModels({ directory, cacheDirectory: null, allowExtern: options.allowExtern ?? true });
  const node = {
    kind: options.event === true ? 'externEvent' : 'externScore',
    type: options.event === true ? 'event' : 'score',
    name,
    module: options.module ?? './m.mjs',
  } as NodeOf<'externScore'> | NodeOf<'externEvent'>;
  const run = await models.extern(node, options.range, scope);
  expect(run.machine()).toBeUndefined();
  return Array.from(await run.values(textBatch(vocabulary, packSequences([[0], [0, 1], [2]], [true, true, true]))));
}

describe('externs', () => {
  test('see the string of the text', async () => {
    expect(await values('half')).toEqual([0.2, 0.4, 10]);
    expect(await values('later')).toEqual([2, 4, 100]);
    expect(await values('isAb', { event: true })).toEqual([1, 0, 0]);
  });

  test('may be -inf where their range has no lower end', async () => {
    const open: Range = { lo: -Infinity, hi: 0, loOpen: true, hiOpen: false };
    expect(await values('never', { range: open })).toEqual([-Infinity, -Infinity, -Infinity]);
    expect(await values('never')).toEqual([-Infinity, -Infinity, -Infinity]);
  });

  test('from a CommonJS module, whose names Node does not see', async () => {
    const files = { 'm.js': 'module.exports = { size: (text) => text.length };' };
    expect(await values('size', { module: 'm.js', files })).toEqual([2, 4, 100]);
  });

  test('in TypeScript, importing another module', async () => {
    const files = {
      'reward.ts': `import { unit } from './unit.ts';\nenum Kind { Short = 1 }\nexport const reward = (text: string): number => text.length * unit + Kind.Short;\n`,
      'unit.ts': 'export const unit: number = 2;\n',
    };
    expect(await values('reward', { module: 'reward.ts', files })).toEqual([5, 9, 201]);
  });

  const long = `"${'x'.repeat(80)}…"`;
  test.each([
    [
      'outside their range',
      'half',
      { range: UNIT },
      `P701: the extern score "half" of "./m.mjs" returned 10 for the text ${long}, outside its declared range [0, 1).`,
    ],
    [
      'below their range',
      'never',
      { range: UNIT },
      'P701: the extern score "never" of "./m.mjs" returned -Infinity for the text "ab", outside its declared range [0, 1).',
    ],
    [
      'NaN',
      'nan',
      {},
      'P700: the extern score "nan" of "./m.mjs" must return a number, but returned NaN for the text "ab".',
    ],
    [
      'no number',
      'nothing',
      {},
      'P700: the extern score "nothing" of "./m.mjs" must return a number, but returned a value of type undefined for the text "ab".',
    ],
    [
      'infinite',
      'infinite',
      { range: { ...UNIT, hi: Infinity } },
      'P703: the extern score "infinite" of "./m.mjs" returned +inf for the text "ab"; scores are below it.',
    ],
    [
      'throwing',
      'throws',
      {},
      'P702: the extern score "throws" of "./m.mjs" threw "cannot judge 2" for the text "ab".',
    ],
    [
      'no Boolean',
      'truthy',
      { event: true },
      'P700: the extern event "truthy" of "./m.mjs" must return true or false, but returned a value of type string for the text "ab".',
    ],
    [
      'refused',
      'half',
      { allowExtern: false },
      'P506: the file wants to run "half" of "./m.mjs", but externs are refused (--no-extern).',
    ],
    [
      'no function',
      'number',
      {},
      'P505: the extern module "./m.mjs" exports "number" as a number, not a function. It exports half, infinite, isAb, later, nan, never, nothing, throws, truthy.',
    ],
    [
      'missing',
      'hlaf',
      {},
      'P505: the extern module "./m.mjs" has no export "hlaf". It exports half, infinite, isAb, later, nan, never, nothing, throws, truthy.',
    ],
    [
      'of no module',
      'f',
      { module: './n.mjs' },
      'P505: there is no extern module "./n.mjs". Paths are relative to the .post file.',
    ],
    ['of no module kind', 'f', { module: './n.py' }, 'P505: the extern module "./n.py" must end in .js, .mjs or .ts.'],
  ] as const)('that are %s are named with the text', async (_name, name, options, message) => {
    expect(await failure(() => values(name, options))).toBe(message);
  });

  test('whose module breaks while loading', async () => {
    const files = { 'm.mjs': "throw new Error('no key');", 'm.ts': 'export const f = (: string) => 1;' };
    expect(await failure(() => values('f', { files }))).toBe(
      'P505: the extern module "./m.mjs" cannot be loaded: no key.',
    );
    expect(await failure(() => values('f', { files, module: './m.ts' }))).toMatch(
      /^P505: the extern module "\.\/m\.ts" cannot be loaded: /,
    );
  });
});

test('paths of externs may be absolute', async () => {
  const path = join(temporaryFolder({ 'm.mjs': MODULE }), 'm.mjs');
  expect(await values('half', { module: path })).toEqual([0.2, 0.4, 10]);
});

test('are asked again for a text that returns, unless they shall be remembered', async () => {
  const files = { 'm.mjs': 'let n = 0; export const asked = () => ++n;' };
  const node = { kind: 'externScore', type: 'score', name: 'asked', module: './m.mjs' } as NodeOf<'externScore'>;
  const twice = async (rememberExterns: boolean): Promise<number[]> => {
    const options = { directory: temporaryFolder(files), cacheDirectory: null, rememberExterns };
    const run = await createModels(options).extern(node, undefined, scope);
    const batch = textBatch(vocabulary, packSequences([[0], [1], [0]], [true, true, true]));
    return [...(await run.values(batch)), ...(await run.values({ ...batch }))];
  };
  expect(await twice(false)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await twice(true)).toEqual([1, 2, 1, 1, 2, 1]);
});

test('the texts asked for last are remembered, and a bounded number of them', () => {
  const recent = new Recent(2);
  ['a', 'b', 'c'].forEach((text, i) => recent.set(text, i));
  expect(recent.get('a')).toBe(0);
  recent.set('d', 3);
  expect(['d', 'a', 'b'].map((text) => recent.get(text))).toEqual([3, 0, undefined]);
});
