import { hasErrors } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { builtins, compile, completions, referencePages } from '../../src/index.ts';

/** Every name that `language.md` §6 lists. */
const NAMES = `tabular bigram ngram arpa lm fitted mixture
  length chars words count lexicon sentiment distinct log_prob classifier reward_model
  exp log sqrt abs min max clamp sigmoid log_sigmoid indicator optimality
  contains contains_any starts_with ends_with matches finds finished
  ensemble gaussian uncertain_reward mean sd lower quantile
  wordlist lines corpus
  E P KL TV H log_Z log_density ratio`.split(/\s+/);

const snippets = builtins.flatMap((b) => b.examples.map((text) => ({ name: b.name, text })));

describe('the registry', () => {
  test('has every builtin of the language, once', () => {
    expect(builtins.map((b) => b.name).sort()).toEqual([...NAMES].sort());
  });

  test.each(snippets)('example of $name compiles and uses it', ({ name, text }) => {
    expect(text).toMatch(new RegExp(`\\b${name}\\b`));
    const { graph, diagnostics } = compile(text, 'example.post');
    expect(diagnostics).toEqual([]);
    expect(graph?.outputs.length).toBeGreaterThan(0);
  });

  test('documents every builtin and argument', () => {
    for (const b of builtins) {
      expect(b.examples.length, b.name).toBeGreaterThan(0);
      expect(b.doc, b.name).toMatch(/\.$/);
      for (const p of b.parameters) expect(p.doc, `${b.name}.${p.name}`).toMatch(/\.$/);
      if (b.result === 'Score' || b.result === 'Number') expect(b.range, b.name).toBeDefined();
    }
  });

  test('has a reference page per family that names each builtin and argument', () => {
    const pages = referencePages();
    for (const b of builtins) {
      expect(pages[b.family]).toContain(`\n## ${b.name}\n`);
      for (const p of b.parameters) expect(pages[b.family]).toContain(`| \`${p.name}\``);
    }
  });

  test('offers each builtin for completion, with a call that takes the caret', () => {
    const offered = completions();
    expect(offered).toHaveLength(builtins.length);
    expect(offered.find((c) => c.name === 'length')?.insert).toBe('length');
    const count = offered.find((c) => c.name === 'count');
    expect(count?.insert).toBe('count(${1})');
    expect(count?.signature).toBe('count(text, whole_word = false, ignore_case = false) → Score');
  });

  test('every required positional argument is really required', () => {
    for (const b of builtins.filter((x) => x.form === 'function')) {
      const required = b.parameters.some((p) => p.default === undefined && !p.optional);
      const { diagnostics } = compile(`property "p": ${b.name}() == 1`, 'x.post');
      expect(hasErrors(diagnostics), b.name).toBe(required);
    }
  });
});
