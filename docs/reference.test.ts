import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './documents.ts';
import { DIAGNOSTIC_PAGES, referenceFiles, staged, unpaged } from './generate/reference.ts';

/** The generated reference is what its sources give today; `UPDATE=1` (`pnpm run docs`) writes it. */
describe('reference', () => {
  it('has a page for every diagnostic code', () => {
    expect(unpaged()).toEqual([]);
  });

  it.each(DIAGNOSTIC_PAGES.filter((p) => p.unstaged === undefined).map((p) => [p.code, p] as const))(
    '%s: its example provokes it',
    (code, page) => {
      expect(staged(page).codes).toContain(code);
    },
  );

  it('is up to date', { timeout: 120_000 }, () => {
    for (const [path, text] of referenceFiles()) {
      const file = join(ROOT, 'docs/reference', path);
      if (process.env['UPDATE'] === '1') {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      expect(existsSync(file) ? readFileSync(file, 'utf8') : '', path).toBe(text);
    }
  });
});
