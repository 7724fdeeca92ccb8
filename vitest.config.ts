import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest first, so that no processor waits for another at the end; a fresh clone knows no times yet. */
const LONGEST = [
  'docs/docs',
  'examples/examples',
  'postulate/test/property-tests',
  'docs/reference',
  'postulate/test/run-folder',
  'postulate/test/workers',
  'postulate/test/fit-neural',
  'postulate/test/broken-server',
  'smc/matrix',
  'qrs/qrs',
  'postulate/test/fit',
  'runtimes/toy-mass',
  'twists/trained',
  'properties/steered',
  'mh/coverage',
  'postulate/test/sample',
  'smc/engine-traces',
  'mh/matrix',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.includes(`${name}.test`));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/** Tests of the command: each file has a folder of its own, which its module makes. */
const COMMAND = 'packages/postulate/test/**/*.test.ts';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['packages/testing/test/run-cache.ts'],
    // A process each, and no threads: several tests judge the processor time of their own process.
    pool: 'forks',
    // As many as there are processors; by default one fewer, which on two processors is one.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    testTimeout: process.env['POSTULATE_SLOW'] ? 900_000 : 60_000,
    projects: [
      {
        extends: true,
        // Files of one process share what they import: to read and translate the sources for each anew took a third of the time.
        test: {
          name: 'sources',
          isolate: false,
          include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts', 'docs/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: [COMMAND, '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'command', include: [COMMAND] } },
    ],
  },
});
