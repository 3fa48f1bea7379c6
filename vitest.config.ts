import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'tests/cloud/**'],
    // Databases start inside tests; a machine under load may take its time over that.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Much of the time is spent waiting for processes and databases, so two cores take two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The Supabase surface reports refused statements, which many tests provoke, on standard error.
    silent: 'passed-only',
    globalSetup: ['./tests/support/temporary-folder.ts', './tests/support/postgres-servers.ts'],
    reporters: ['default', './tests/support/no-skips.ts'],
  },
});
