import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { slow } from '../../testing/test/slow.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { VERSION } from '../src/version.ts';
import { post, postJson, root, scratch } from './helpers/command.ts';
import { inProcess } from './helpers/in-process.ts';

const file = (name: string, text: string | Buffer) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const GOOD = 'p = tabular({ "yes": 3, "no": 1 }) | contains("y")\n';
const good = file('good.post', GOOD);
const bad = file('bad.post', 'p = tabular({ "a": 1 }) * (length - 1)\nq = lenght\n');

describe('version and help', () => {
  it('prints the version of the package', async () => {
    const manifest = JSON.parse(readFileSync(join(root, 'packages/postulate/package.json'), 'utf8')) as {
      version: string;
    };
    expect(VERSION).toBe(manifest.version);
    expect(await post(['--version'])).toMatchObject({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('lists every command, and every option of each', async () => {
    const { code, stdout } = await post(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toContain(`\n  ${command.name}`);
    const sample = await post(['sample', '--help']);
    expect(sample.code).toBe(0);
    for (const option of ['-n', '--engine', '--option', '--posterior', '--set', '--seed', '--budget', '--no-extern']) {
      expect(sample.stdout).toContain(option);
    }
  });
});

describe('wrong usage is exit 2', () => {
  it.each([
    [[], /no command/],
    [['sampel', good], /Did you mean sample\?/],
    [[good], /Did you mean post check/],
    [['--frobnicate'], /no option --frobnicate/],
    [['check'], /needs a \.post file/],
    [['check', '--emitt', 'tree', good], /Did you mean --emit\?/],
    [['check', '--emit', 'trees', good], /Did you mean tree\?/],
    [['graph', good, '--format', 'svg'], /text, mermaid, dot, json/],
    [['sample', good, '-n', 'x'], /whole number/],
    [['sample', good, '--set', 'beta'], /name=value/],
    [['sample', good, '--set', 'beta=1'], /beta/],
    [['sample', good, '--budget', 'soon'], /--budget/],
    [['sample', good, '--engine', 'magic'], /magic/],
    [['sample', good, '--engine', 'exact', '--option', 'sparkle=1'], /sparkle/],
    [['sample', good, '--posterior', 'q'], /no posterior "q"/],
    [['sample', good, '--expect', 'mood'], /mood/],
    [['sample', good, '--runtime', 'onnx'], /neural prior/],
    [['sample', good, '--out', scratch], /there already/],
    [['doctor', 'x'], /takes no file/],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await inProcess(words);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('error[P');
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('is one JSON document with --json', async () => {
    const { code, document, stderr } = await postJson(['sampel', good]);
    expect(code).toBe(2);
    expect(stderr).toBe('');
    expect(document.error).toMatchObject({ code: 'P901', message: expect.stringContaining('sampel') as string });
  });
});

describe('check', () => {
  it('is quiet about a good file', async () => {
    expect(await post(['check', good, '--quiet'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await post(['check', good])).stderr).toBe('1 file: no errors\n');
  });

  it('shows every error with its place and a caret', async () => {
    const { code, stdout, stderr } = await post(['check', bad, good]);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${bad}:2:5: error[P100]`);
    expect(stderr).toMatch(/bad\.post:1:\d+: error\[P203\]/);
    expect(stderr).toContain('\n  q = lenght\n      ^^^^^^\n');
  });

  it('prints diagnostics with lines and columns as JSON', async () => {
    const { code, document, stderr } = await postJson(['check', bad]);
    expect(code).toBe(1);
    expect(stderr).toBe('');
    const error = document.error as { code: string; diagnostics: { code: string; span: object }[] };
    expect(error.diagnostics.map((d) => d.code)).toEqual(expect.arrayContaining(['P100', 'P203']));
    expect(error.diagnostics.find((d) => d.code === 'P100')!.span).toMatchObject({ file: bad, line: 2, column: 5 });
    expect((await postJson(['check', good])).document).toEqual({ files: [{ file: good, diagnostics: [] }] });
  });

  it('reads standard input and resolves its imports from the working folder', async () => {
    const input = 'import { p } from "good.post"\nq = p | length == 1\n';
    expect((await post(['check', '-'], { input })).code).toBe(0);
    const wrong = await post(['check', '-'], { input: 'p = 1 +' });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('<stdin>:1:');
  });

  it.each(['tokens', 'tree', 'typed', 'graph'])('emits %s', async (phase) => {
    const { code, stdout } = await post(['check', good, '--emit', phase]);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(10);
  });

  it('warns of events that no text or every text satisfies', async () => {
    const path = file(
      'events.post',
      'p = tabular({ "ab": 1, "c": 1 })\nnever = contains("a") and not contains("a")\nalways = finds(r"")\nq = p | never\n',
    );
    const { code, stderr } = await post(['check', path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/events\.post:2:\d+: warning\[P403\]/);
    expect(stderr).toMatch(/events\.post:3:\d+: warning\[P404\]/);
  });
});

describe('what ranges tell', () => {
  const judged = async (program: string) => {
    const { code, stderr } = await post([
      'check',
      file('ranges.post', `p = tabular({ "ab": 1, "c": 1 })\n${program}\n`),
    ]);
    expect(code).toBe(0);
    return [...stderr.matchAll(/post:(\d+):\d+: warning\[(P\d+)\]/g)].map((m) => `${m[1]} ${m[2]}`);
  };

  it('is that some events hold for every text or for none', async () => {
    const program = 'a = p | chars >= 0\nb = p | false\nc = p | words < 0 and contains("c")\nd = not count("a") < 0';
    expect(await judged(program)).toEqual(['2 P404', '3 P403', '4 P403', '5 P404']);
  });

  it('counts what the prior says of its texts', async () => {
    expect(await judged('a = p | chars > 2\nb = p | length > 1 or chars < 0\nc = p | length >= 1')).toEqual([
      '2 P403',
      '3 P403',
    ]);
    const chain = 'q = bigram({ "^": { "a": 1 }, "a": { "a": 0.5, "$": 0.5 } }, max_tokens = 4)';
    expect(await judged(`${chain}\na = q | length == 5\nb = q | length == 4`)).toEqual(['3 P403']);
  });

  it('is that some moments are out of reach', async () => {
    const moments = 'a = p subject to { E(chars) = 3 }\nb = p subject to { E(chars) >= 2.5, P(contains("a")) = 0.5 }';
    expect(await judged(`${moments}\nc = p subject to { E(chars) <= 3 }`)).toEqual(['2 P405', '3 P405']);
    expect(await judged('d = p subject to { E(sigmoid(chars)) <= 0 }')).toEqual(['2 P405']);
  });
});

describe('bad input is a clear error', () => {
  it('missing file: exit 3', async () => {
    const { code, stderr } = await post(['check', 'nowhere.post']);
    expect(code).toBe(3);
    expect(stderr).toContain('error[P500]: nowhere.post cannot be read: there is no such file.');
    const json = await postJson(['sample', 'nowhere.post']);
    expect(json.code).toBe(3);
    expect(json.document.error).toMatchObject({ code: 'P500' });
  });

  it('a missing file does not hide the errors of the others', async () => {
    const { code, stderr } = await post(['check', 'nowhere.post', bad]);
    expect(code).toBe(3);
    expect(stderr).toContain('error[P100]');
  });

  it('a folder, a binary file, a file that is not UTF-8', async () => {
    expect((await post(['check', scratch])).code).toBe(3);
    const binary = await post(['check', file('binary.post', Buffer.from([0x7f, 0x45, 0, 1, 2]))]);
    expect(binary).toMatchObject({ code: 1, stdout: '' });
    expect(binary.stderr).toContain('error[P007]');
    const latin = await post(['check', file('latin.post', Buffer.from('// caf\xe9\n', 'latin1'))]);
    expect(latin.stderr).toContain('error[P007]');
  });

  it('cyclic imports', async () => {
    file('one.post', 'import { b } from "two.post"\na = b\n');
    file('two.post', 'import { a } from "one.post"\nb = a\n');
    const { code, stderr } = await post(['check', 'one.post']);
    expect(code).toBe(1);
    expect(stderr).toContain('P105');
  });

  it('10,000 nested parentheses', async () => {
    const { code, stderr } = await post([
      'check',
      file('deep.post', `x = ${'('.repeat(10_000)}1${')'.repeat(10_000)}\n`),
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('P004');
  });

  it.runIf(slow)('a source of 10 MB', async () => {
    const line = 'score_0000 = count("a") + 2 * length - 1 // a line of ordinary length, with a comment\n';
    const lines = Array.from({ length: 120_000 }, (_, i) => line.replace('0000', String(i)));
    const { code, stderr } = await post(['check', file('big.post', lines.join(''))]);
    expect(stderr.length).toBeLessThan(100_000);
    expect([0, 1]).toContain(code);
  });

  it('a malformed ARPA file, a row that does not sum to one, a back-reference', async () => {
    file('broken.arpa', '\\data\\\nngram 1=2\n\n\\1-grams:\n-0.3 a\nnonsense\n\\end\\\n');
    const arpa = await post(['sample', file('arpa.post', 'p = arpa("broken.arpa", max_tokens = 3) | contains("a")\n')]);
    expect(arpa.stderr).toContain('P501');
    expect(arpa.stderr).toMatch(/line 6|:6/);
    expect([1, 3]).toContain(arpa.code);
    const row = await post([
      'check',
      file('row.post', 'p = bigram({ "^": { "a": 0.5 } , "a": { "$": 1 } }, max_tokens = 2)\n'),
    ]);
    expect(row).toMatchObject({ code: 1 });
    expect(row.stderr).toContain('P302');
    const regex = await post(['check', file('regex.post', 'e = matches(r"(a)\\1")\n')]);
    expect(regex).toMatchObject({ code: 1 });
    expect(regex.stderr).toContain('P304');
  });

  it('a disk that is full, or not there, while writing', async () => {
    const blocked = join(scratch, 'blocked');
    writeFileSync(blocked, '');
    const { code, stderr } = await post(['sample', good, '-n', '1', '--out', join(blocked, 'run')]);
    expect(code).toBe(3);
    expect(stderr).toContain('P903');
  });
});

describe('fmt', () => {
  const untidy = 'p   =  tabular({"a":1,"b":2})|length==1 // a comment\n';

  it('writes in place, once', async () => {
    const path = file('untidy.post', untidy);
    const check = await post(['fmt', '--check', path, good]);
    expect(check).toMatchObject({ code: 1, stdout: `${path}\n` });
    expect(readFileSync(path, 'utf8')).toBe(untidy);
    expect((await post(['fmt', path])).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('// a comment');
    expect((await post(['fmt', '--check', path])).code).toBe(0);
    expect((await postJson(['fmt', path])).document).toEqual({ files: [{ file: path, changed: false }] });
  });

  it('prints standard input formatted', async () => {
    const { code, stdout } = await post(['fmt', '-'], { input: untidy });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^p = tabular/);
    expect((await post(['fmt', '-', '--check'], { input: stdout })).code).toBe(0);
  });

  it('leaves a file with errors alone', async () => {
    const path = file('broken.post', 'p = = 1\n');
    const { code, stderr } = await post(['fmt', path]);
    expect(code).toBe(1);
    expect(stderr).toContain('error[P0');
    expect(readFileSync(path, 'utf8')).toBe('p = = 1\n');
  });
});

describe('graph, engines, doctor', () => {
  it('prints the graph in each format', async () => {
    expect((await post(['graph', good])).stdout).toContain('p : Distribution');
    expect((await post(['graph', good, '--format', 'mermaid'])).stdout).toMatch(/^flowchart/);
    expect((await post(['graph', good, '--format', 'dot'])).stdout).toMatch(/^digraph/);
    expect((await postJson(['graph', good])).document).toMatchObject({ version: 1 });
    expect((await post(['graph', bad])).code).toBe(1);
  });

  it('lists engines, and what each makes of a posterior', async () => {
    const all = await postJson(['engines']);
    const names = (all.document.engines as { name: string }[]).map((e) => e.name);
    expect(names).toEqual(expect.arrayContaining(['exact', 'rejection', 'importance', 'auto']));
    const path = file(
      'unbounded.post',
      'p = tabular({ "a": 1, "b": 2 }) * exp(-log_prob(tabular({ "a": 1, "b": 1 })))\n',
    );
    const fit = await postJson(['engines', path]);
    expect(fit.code).toBe(0);
    expect(fit.document).toMatchObject({ posterior: 'p' });
    const shown = await post(['engines', good]);
    expect(shown.stdout).toMatch(/exact +exact +yes/);
  });

  it('says what is installed', async () => {
    const { code, document } = await postJson(['doctor']);
    expect(code).toBe(0);
    expect(document).toMatchObject({ post: VERSION, node: process.versions.node, ok: true });
    const tensors = document.tensors as { name: string; ok: boolean; detail: string }[];
    expect(tensors.map((t) => t.name).sort()).toEqual(['onnxruntime-node', 'onnxruntime-web', 'tensorflow']);
    expect(tensors.filter((t) => t.ok)).toMatchObject([{ detail: expect.stringContaining('in use') as string }]);
    for (const { ok, detail } of tensors) if (!ok) expect(detail).toMatch(/^not in use: ./);
    const readOnly = join(scratch, 'file-for-cache');
    mkdirSync(readOnly, { recursive: true });
    writeFileSync(join(readOnly, 'occupied'), '');
    const without = await post(['doctor'], { env: { XDG_CACHE_HOME: join(readOnly, 'occupied') } });
    expect(without.code).toBe(3);
    expect(without.stdout).toContain('cannot be written');
  });
});
