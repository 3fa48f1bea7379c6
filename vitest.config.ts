import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * The levels of tests, from fast to slow; a test runs at one of them. What a file of each level may
 * start is held by tests/house/levels.test.ts, and `npm run test:cloud` is a configuration of its own.
 */
export const PROCESS = [
  'tests/**/*.process.test.ts',
  'tests/{examples,faults,package}/**/*.test.ts',
];
export const DATABASE = [
  'tests/**/*.database.test.ts',
  'tests/{clients,line,local,sql}/**/*.test.ts',
];
export const HOSTS = ['tests/hosts/**/*.test.ts'];
export const ELSEWHERE = ['**/node_modules/**', 'tests/cloud/**', ...HOSTS];

export default defineConfig({
  test: {
    // Many tests end with records that no server took.
    env: { AGENSIGHT_LOG: 'silent' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Most of the time is spent waiting for processes and databases, so two cores run two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The Supabase surface reports refused statements, which many tests provoke, on standard error.
    silent: 'passed-only',
    reporters: ['default', './tests/support/no-skips.ts'],
    projects: [
      {
        extends: true,
        test: {
          // No database, no other program, no built package: seconds.
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...PROCESS, ...DATABASE],
          globalSetup: ['./tests/support/temporary-folder.ts'],
        },
      },
      {
        extends: true,
        test: {
          // Programs as processes of their own, the built package, examples: a minute.
          name: 'process',
          include: PROCESS,
          exclude: ELSEWHERE,
          globalSetup: ['./tests/support/temporary-folder.ts'],
        },
      },
      {
        extends: true,
        test: {
          // PGlite and real Postgres 15 and 18, started once for the whole run: minutes.
          name: 'database',
          include: DATABASE,
          exclude: ELSEWHERE,
          globalSetup: [
            './tests/support/temporary-folder.ts',
            './tests/support/postgres-servers.ts',
          ],
        },
      },
      {
        extends: true,
        test: {
          // Programs with and without the SDK on several versions of each package, two at a time: minutes.
          name: 'hosts',
          include: HOSTS,
          maxConcurrency: 2,
          globalSetup: ['./tests/support/temporary-folder.ts'],
        },
      },
    ],
  },
});
