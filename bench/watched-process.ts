/**
 * One tracer in one observed process: it creates traces in one of three rhythms, ends in one of three
 * ways, and reports how long each part took.
 */
import { openTracer } from './tracers.ts';
import { SPANS_PER_TRACE, workload } from './workload.ts';

export interface Watch {
  /** A name in `TRACERS`, or the file of another product's adapter. */
  readonly tracer: string;
  readonly port: number;
  readonly spans: number;
  /** `tight`: no turn of the event loop; `yielding`: one turn per trace; `paced`: over two seconds. */
  readonly rhythm: 'tight' | 'yielding' | 'paced';
  readonly end: 'flush' | 'no flush' | 'process.exit(1)';
}

/** Reported on standard output, one JSON object per line. */
export interface Said {
  readonly startedAt?: number;
  readonly loopMillis?: number;
  readonly flushMillis?: number;
  readonly madeAt?: number;
  readonly peakBytes?: number;
}

const watch = JSON.parse(process.argv[2] ?? '{}') as Watch;
const say = (said: Said): boolean => process.stdout.write(`${JSON.stringify(said)}\n`);
const sleep = (millis: number): Promise<void> => new Promise((next) => setTimeout(next, millis));
const turn = (): Promise<void> => new Promise((next) => setImmediate(next));

const tracer = await openTracer(watch.tracer, watch.port);
const work = workload(tracer.wrap);
const traces = watch.spans / SPANS_PER_TRACE;
const PACED_MILLIS = 2_000;
const PAUSES = 40;

if (traces > 0) await run();

async function finish(): Promise<void> {
  await tracer.flush();
  await tracer.shutdown?.();
}

async function run(): Promise<void> {
  const startedAt = Date.now();
  for (let i = 1; i <= traces; i++) {
    await work.async();
    if (watch.rhythm === 'yielding') await turn();
    const isPause = i % Math.ceil(traces / PAUSES) === 0;
    if (watch.rhythm === 'paced' && isPause) await sleep(PACED_MILLIS / PAUSES);
  }
  const madeAt = Date.now();
  say({ startedAt, madeAt, loopMillis: madeAt - startedAt });
  if (watch.end === 'process.exit(1)') process.exit(1);
  if (watch.end === 'flush') {
    await finish().catch(() => undefined);
    say({ flushMillis: Date.now() - madeAt });
  }
  process.on('exit', () => say({ peakBytes: process.resourceUsage().maxRSS * 1024 }));
}
