import { expect, it } from 'vitest';
import { versionsDocument } from './versions-table.ts';

it('docs/instrumentation.md names the versions that the programs run on', async () => {
  const { present, wanted } = await versionsDocument();
  expect(present, 'write it by: npm run test:hosts').toBe(wanted);
});
