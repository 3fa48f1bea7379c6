/**
 * `npm run bench -- faults [--peers]`: the fault matrix of the tests with full-length outages, and how many
 * of 2,000 spans raw OpenTelemetry (and other products) deliver under the same faults.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULTS, type Fault, runFault, type Scale } from '../tests/faults/matrix.ts';
import type { Orders } from './counting-sink.ts';
import { contestants, Sink, watched } from './watch.ts';
import type { Watch } from './watched-process.ts';

const SPANS = 2_000;

const SCALE: Scale = {
  sdk: new URL('../dist/agensight.js', import.meta.url).href,
  spans: SPANS,
  soonMillis: 5_000,
  lateMillis: 30_000,
  flushMillis: 10_000,
  exitTimeoutMillis: 2_000,
};

interface Trial {
  readonly what: string;
  readonly server: Orders | 'down';
  readonly rhythm: Watch['rhythm'];
  readonly end: Watch['end'];
}

const TRIALS: readonly Trial[] = [
  {
    what: '500s for 5 s, flush',
    server: { answer: 500, forMillis: 5_000 },
    rhythm: 'paced',
    end: 'flush',
  },
  {
    what: '503s for 30 s, flush',
    server: { answer: 503, forMillis: 30_000 },
    rhythm: 'paced',
    end: 'flush',
  },
  { what: 'server hangs, flush', server: { answer: 'hang' }, rhythm: 'paced', end: 'flush' },
  { what: 'server down, flush', server: 'down', rhythm: 'paced', end: 'flush' },
  {
    what: 'process.exit(1) after a tight loop',
    server: { answer: 'ok' },
    rhythm: 'tight',
    end: 'process.exit(1)',
  },
  { what: 'no flush', server: { answer: 'ok' }, rhythm: 'paced', end: 'no flush' },
];

export async function benchFaults(): Promise<void> {
  await matrix();
  await trials();
}

/** Prints the fault matrix of docs/reliability.md. */
async function matrix(): Promise<void> {
  console.log(`\n### Delivered of ${SPANS} spans\n`);
  console.log(
    '| fault | without spool | with spool, same run | after the next start | exit delayed by |',
  );
  console.log('| --- | --- | --- | --- | --- |');
  for (const fault of FAULTS) {
    const [without, spooled] = await Promise.all(
      [false, true].map((hasSpool) => runFault(fault, hasSpool, SCALE)),
    );
    if (!without || !spooled) continue;
    const { heldMillis, flushMillis = 0 } = spooled.ending;
    const held = ((heldMillis - flushMillis) / 1_000).toFixed(1);
    const after = flushMillis > 0 ? ` after a flush of ${(flushMillis / 1_000).toFixed(1)} s` : '';
    console.log(
      `| ${titleOf(fault)} | ${without.arrived} | ${spooled.arrived} | ` +
        `${spooled.arrivedAfterRestart} | ${held} s${after} |`,
    );
  }
}

const titleOf = ({ what, recovers }: Fault): string => {
  if (recovers === 'soon') return `${what} (after 5 s)`;
  return recovers === 'late' ? `${what} (30 s)` : what;
};

async function trials(): Promise<void> {
  const tracers = contestants();
  console.log(`\n### Delivered of ${SPANS} spans: in the same run, then after the next start\n`);
  console.log(`| fault | ${[...tracers.keys()].join(' | ')} |`);
  console.log(`| --- | ${[...tracers].map(() => '---').join(' | ')} |`);
  for (const trial of TRIALS) {
    const cells = await Promise.all([...tracers.values()].map((tracer) => arrivals(trial, tracer)));
    console.log(`| ${trial.what} | ${cells.join(' | ')} |`);
  }
}

async function arrivals({ server, rhythm, end }: Trial, tracer: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'agensight-bench-'));
  let sink = await Sink.open();
  const { port } = sink;
  const watch: Watch = { tracer, port, spans: SPANS, rhythm, end };
  if (server === 'down') await sink.close();
  else await sink.order(server);
  const { said, heldMillis } = await watched(watch, folder);
  if (server === 'down') sink = await Sink.open(port);
  const { spans: first } = await sink.count();
  await sink.order({ answer: 'ok' });
  await watched({ ...watch, spans: 0, end: 'no flush' }, folder);
  const { spans: last } = await sink.count();
  await sink.close();
  rmSync(folder, { recursive: true });
  const seconds = (millis: number): string =>
    Number.isNaN(millis) ? 'forever' : `${(millis / 1_000).toFixed(1)} s`;
  return `${first}, ${last} (flush ${seconds(said.flushMillis)}, exit delayed ${seconds(heldMillis)})`;
}
