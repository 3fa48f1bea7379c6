/** `npm run test:cloud`, or `npm run test:cloud -- --outage-minutes 10` for a long outage. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');
const { values } = parseArgs({ options: { 'outage-minutes': { type: 'string' } } });
const minutes = values['outage-minutes'] ?? process.env.OUTAGE_MINUTES ?? '';
if (minutes !== '' && !(Number(minutes) > 0)) {
  process.stderr.write('--outage-minutes takes a number above 0.\n');
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--config', 'vitest.cloud.config.ts'],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, OUTAGE_MINUTES: minutes } },
);
process.exit(status ?? 1);
