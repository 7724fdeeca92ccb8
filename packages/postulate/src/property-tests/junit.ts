import type { FileResult, TestResult } from './results.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text for XML 1.0: what it cannot hold at all becomes a replacement character. */
export function xml(text: string): string {
  const legal = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
  return legal.replace(/[&<>"']/g, (c) => ENTITIES[c]).replace(/[\t\n\r]/g, (c) => `&#${c.codePointAt(0)};`);
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

function testCase(file: string, r: TestResult, detail: (r: TestResult) => string, allowUndecided: boolean): string {
  const open = `    <testcase classname="${xml(file)}" name="${xml(r.name)}" time="${seconds(r.milliseconds)}"`;
  if (r.status === 'holds') return `${open}/>\n`;
  const body = `message="${xml(r.reason)}"`;
  if (r.status === 'undecided' && allowUndecided) return `${open}><skipped ${body}/></testcase>\n`;
  const tag = r.status === 'error' ? 'error' : 'failure';
  return `${open}><${tag} ${body} type="${r.status}">${xml(detail(r))}</${tag}></testcase>\n`;
}

const INVALID = { kind: 'property', milliseconds: 0 } as const;

/** JUnit XML, as CI services read it: a suite for each file, a case for each property. */
export function junitXml(
  files: readonly FileResult[],
  detail: (file: FileResult, r: TestResult) => string,
  allowUndecided: boolean,
): string {
  const suites = files.map((f) => {
    const message = f.error?.diagnostics[0]?.message;
    const broken: readonly TestResult[] =
      message === undefined ? [] : [{ ...INVALID, name: 'the file', status: 'error', reason: message }];
    const all = [...broken, ...f.results];
    const count = (s: TestResult['status']): number => all.filter((r) => r.status === s).length;
    const undecided = count('undecided');
    const failures = count('fails') + (allowUndecided ? 0 : undecided);
    const attributes = `tests="${all.length}" failures="${failures}" errors="${count('error')}" skipped="${allowUndecided ? undecided : 0}"`;
    const cases = all.map((r) => testCase(f.file, r, (x) => detail(f, x), allowUndecided)).join('');
    return `  <testsuite name="${xml(f.file)}" ${attributes} time="${seconds(f.milliseconds)}">\n${cases}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="post test">\n${suites.join('')}</testsuites>\n`;
}
