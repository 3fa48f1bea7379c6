/**
 * `npm run test:hosts`, or with options behind `--`:
 *
 *     --node 22|26     on another Node than that of the project
 *     --only TEXT      only programs whose set, file or name contains the text
 *     --newest         on the newest releases of today, and says which are newer than those of the tests
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareLatest } from './latest.ts';
import { writeVersions } from './versions-table.ts';

const ROOT = join(import.meta.dirname, '../..');
const NO_SKIPS = join(ROOT, 'tests/support/no-skips.ts');
const { values } = parseArgs({
  options: {
    node: { type: 'string' },
    only: { type: 'string' },
    newest: { type: 'boolean', default: false },
  },
});
await writeVersions();
const changes = values.newest ? await prepareLatest() : [];
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--project',
    'hosts',
    '--reporter=verbose',
    `--reporter=${NO_SKIPS}`,
  ],
  {
    cwd: ROOT,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(values.node ? { HOSTS_NODE: values.node } : {}),
      ...(values.only ? { HOSTS_ONLY: values.only } : {}),
      ...(values.newest ? { HOSTS_LATEST: '1' } : {}),
    },
  },
);
if (values.newest) {
  const text = changes.length > 0 ? changes.join('\n  ') : 'nothing';
  process.stdout.write(`Newer than in tests/hosts/packages/newest/package.json:\n  ${text}\n`);
}
process.exit(status ?? 1);
