import tseslint from 'typescript-eslint';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';

/** The direction of dependence: package → workspace packages whose values it may import. */
const ARROWS = {
  graph: [],
  dsl: ['@postulate/graph'],
  models: ['@postulate/graph'],
  inference: ['@postulate/graph'],
  testing: ['@postulate/graph', '@postulate/models', '@postulate/inference'],
};
const PACKAGES = [
  '@postulate/graph',
  '@postulate/dsl',
  '@postulate/models',
  '@postulate/inference',
  '@postulate/testing',
  'postulate',
];
/** Packages that may be imported for their types only. */
const TYPES_ONLY = { inference: ['@postulate/models'] };

const arrowRules = Object.entries(ARROWS).map(([name, allowed]) => {
  const typeOnly = TYPES_ONLY[name] ?? [];
  const paths = PACKAGES.filter((p) => !allowed.includes(p) && p !== `@postulate/${name}`).map((p) => ({
    name: p,
    allowTypeImports: typeOnly.includes(p),
    message: `packages/${name} may not depend on ${p} (docs/decisions).`,
  }));
  return {
    files: [`packages/${name}/src/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths, patterns: [{ group: ['**/packages/*', '../../../*'], message: 'Import other packages by name.' }] },
      ],
    },
  };
});

/** Engines never import each other, only building blocks. */
const ENGINES = [
  'exact',
  'rejection',
  'importance',
  'qrs',
  'best-of-n',
  'mh',
  'smc',
  'awrs',
  'weighted-decoding',
  'kl-rl',
  'gdc',
  'f-dpg',
  'trajectory-balance',
  'dpo',
  'sft',
  'rl',
  'pplm',
  'policy',
  'auto',
];
const engineRules = ENGINES.filter((e) => e !== 'auto').map((engine) => ({
  files: [`packages/inference/src/engines/${engine}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: ENGINES.filter((e) => e !== engine)
              .map((e) => `**/engines/${e}/**`)
              .concat(ENGINES.filter((e) => e !== engine).map((e) => `../${e}/**`)),
            message: 'Engines never import each other.',
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/fixtures/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,js,mjs}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createTypeScriptImportResolver({ conditionNames: ['source', 'import', 'default'] })],
    },
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'All randomness goes through the chooser.' },
      ],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always'],
    },
  },
  ...arrowRules,
  ...engineRules,
);
