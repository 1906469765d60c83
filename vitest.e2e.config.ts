import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/e2e/**/*.e2e.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // The stories run the whole stack; two cores carry one at a time.
    maxWorkers: 1,
    fileParallelism: false,
  },
});
