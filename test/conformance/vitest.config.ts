import { defineConfig } from 'vitest/config';

/** The long runs: one file per worker, each test reports as it ends. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 30 * 60_000,
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/setup.ts'],
  },
});
