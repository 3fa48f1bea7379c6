import { defineConfig } from 'vitest/config';

/** `npm run test:cloud`: deploys to an emulated AWS and breaks things. Steps of one story, in order. */
export default defineConfig({
  test: {
    include: ['tests/cloud/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
    // A step that fails leaves nothing for those after it to stand on.
    bail: 1,
    globalSetup: ['./tests/support/temporary-folder.ts'],
    reporters: ['default', './tests/support/no-skips.ts'],
  },
});
