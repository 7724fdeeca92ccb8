import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'examples/**/*.test.ts', 'docs/**/*.test.ts', 'bench/**/*.test.ts'],
    globalSetup: ['packages/testing/test/run-cache.ts'],
    // A process each, and no threads: several tests judge the processor time of their own process.
    pool: 'forks',
    testTimeout: process.env['POSTULATE_SLOW'] ? 900_000 : 60_000,
  },
});
