import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/windows/**/*.story.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Each story drives a machine of its own; two cores carry one at a time.
    maxWorkers: 1,
    fileParallelism: false,
  },
});
