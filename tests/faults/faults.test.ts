/**
 * Which records arrive when the server, the disk or the process fails: real processes against a real
 * server, with outages of about a second. `npm run bench -- faults` runs the same matrix at full length.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULTS, type Fault, runFault, type Scale } from './matrix.ts';
import type { End } from './run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'agensight-sdk-'));

const SCALE: Scale = {
  sdk: join(folder, 'sdk.mjs'),
  spans: 2_000,
  soonMillis: 900,
  lateMillis: 60_000,
  flushMillis: 1_500,
  exitTimeoutMillis: 400,
};

/** Additional time on a loaded machine. */
const PATIENCE_MILLIS = 5_000;

const CODES: Record<End, { code: number | null; signal: string | null }> = {
  flush: { code: 0, signal: null },
  'no flush': { code: 0, signal: null },
  'own handler': { code: 0, signal: null },
  'process.exit(1)': { code: 1, signal: null },
  'uncaught exception': { code: 1, signal: null },
  SIGTERM: { code: null, signal: 'SIGTERM' },
  SIGKILL: { code: null, signal: 'SIGKILL' },
};

// Bundled, because about eighty processes load it.
beforeAll(() =>
  build({
    entryPoints: [join(import.meta.dirname, '../../sdk/index.ts')],
    outfile: SCALE.sdk,
    bundle: true,
    format: 'esm',
    platform: 'node',
  }),
);

afterAll(() => rmSync(folder, { recursive: true }));

const named = FAULTS.map((fault): [string, Fault] => [fault.what, fault]);

describe.concurrent('without a spool', () => {
  it.each(named)('%s', async (_, fault) => {
    const { ending, arrived, arrivedAfterRestart, files } = await runFault(fault, false, SCALE);
    expectArrival(fault, arrived);
    // The next process has nothing to recover.
    expect(arrivedAfterRestart).toBe(arrived);
    expect(files).toBe(0);
    expectNormalExit(fault, ending);
  });
});

describe.concurrent('with a spool', () => {
  it.each(named)('%s', async (_, fault) => {
    const { ending, arrived, arrivedAfterRestart, files } = await runFault(fault, true, SCALE);
    expectArrival(fault, arrived);
    expect(amount(arrivedAfterRestart)).toBe(fault.arrivesWithSpool === false ? 'not all' : 'all');
    expect(files).toBe(0);
    expectNormalExit(fault, ending);
    expect(ending.warnings.includes('spool')).toBe(fault.disk === 'full');
  });
});

const amount = (spans: number): Fault['arrives'] => (spans >= SCALE.spans ? 'all' : 'not all');

function expectArrival({ arrives }: Fault, arrived: number): void {
  expect([amount(arrived), null]).toContain(arrives);
}

/** The process ends as without the SDK, in time, and reports each warning once. */
function expectNormalExit(fault: Fault, ending: Awaited<ReturnType<typeof runFault>>['ending']) {
  const { code, signal, heldMillis, flushMillis, warnings, errors, isHandled } = ending;
  expect({ code, signal }).toEqual(CODES[fault.end]);
  expect(isHandled).toBe(fault.end === 'own handler');
  expect(new Set(warnings).size).toBe(warnings.length);
  expect(errors).toMatch(fault.end === 'uncaught exception' ? /Error: uncaught/ : /^$/);
  const { flushMillis: deadline, exitTimeoutMillis } = SCALE;
  if (flushMillis !== undefined) expect(flushMillis).toBeLessThan(deadline + PATIENCE_MILLIS);
  expect(heldMillis).toBeLessThan(deadline + exitTimeoutMillis + PATIENCE_MILLIS);
}
