import { builtins } from './index.ts';
import { signature } from './signature.ts';
import type { Builtin, Family, Parameter, ParameterType } from './types.ts';

const TITLES: Readonly<Record<Family, { readonly title: string; readonly about: string }>> = {
  priors: {
    title: 'Priors',
    about: 'Normalised distributions over texts. They can be sampled and scored, and every posterior starts from one.',
  },
  scores: { title: 'Scores', about: 'Numbers that depend on the text.' },
  'score-functions': {
    title: 'Score functions',
    about:
      'Functions of numbers and scores, applied text by text, beside the operators `+ - * / ^` and `if … then … else …`.',
  },
  events: {
    title: 'Events',
    about:
      'What holds of a text or does not. Comparisons of scores are events too; `and`, `or`, `not` and `implies` combine them.',
  },
  random: { title: 'Random scores', about: 'Scores one is not sure of, and the ways back to a score.' },
  data: {
    title: 'Data',
    about: 'Lists of strings that live outside the file. Paths are relative to the file that names them.',
  },
  properties: {
    title: 'In properties',
    about: 'What can be said of distributions and texts in a `property` statement.',
  },
};

const TYPES: Readonly<Record<ParameterType, string>> = {
  number: 'Number',
  string: 'String',
  boolean: 'Bool',
  path: 'String (file)',
  bundled: 'String (file or bundled name)',
  corpus: 'String (file or bundled name) or List of String',
  model: 'String (model)',
  pattern: 'String (regular expression)',
  strings: 'List of String',
  numbers: 'List of Number',
  record: 'Record of Number',
  rows: 'Record of Records of Number',
  lexicon: 'String (file) or Record of Number',
  score: 'Score',
  event: 'Event',
  random: 'RandomScore',
  distribution: 'Distribution',
  text: 'Text',
  expectation: 'Score | Distribution',
  probability: 'Event | Distribution',
};

const escape = (text: string): string => text.replaceAll('|', '\\|');

function fallback(p: Parameter): string {
  if (p.default !== undefined) return `\`${JSON.stringify(p.default)}\``;
  return p.optional ? 'none' : 'required';
}

function table(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map((p) => {
    const name = `\`${p.name}\`${p.variadic ? ', one or more' : ''}${p.namedOnly ? ' (by name)' : ''}`;
    return `| ${name} | ${escape(TYPES[p.type])} | ${fallback(p)} | ${escape(p.doc)} |`;
  });
  return ['| argument | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function section(b: Builtin): string {
  const later = 'Type-checks and lowers today; running it needs a later release, and the command says so (P503).';
  const parts = [
    `## ${b.name}`,
    `\`\`\`text\n${signature(b)}\n\`\`\``,
    b.doc,
    table(b.parameters),
    b.range === undefined ? '' : `**Range:** ${b.range}.`,
    b.capabilities === undefined ? '' : `**For engines:** ${b.capabilities}`,
    b.availability === 'later' ? `**Not yet:** ${later}` : '',
    ...b.examples.map((e) => `\`\`\`post\n${e}\n\`\`\``),
  ];
  return parts.filter((p) => p !== '').join('\n\n');
}

/** A page of Markdown for each family of builtins, by family. */
export function referencePages(): Readonly<Record<Family, string>> {
  const pages = Object.entries(TITLES).map(([family, { title, about }]) => {
    const entries = builtins.filter((b) => b.family === family).map(section);
    return [family, `${[`# ${title}`, about, ...entries].join('\n\n')}\n`];
  });
  return Object.fromEntries(pages) as Record<Family, string>;
}
