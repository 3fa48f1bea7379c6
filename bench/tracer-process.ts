/** One tracer in one warm process, driven by messages, so that tracers do not share garbage collection. */
import { openTracer } from './tracers.ts';
import { SPANS_PER_TRACE, workload } from './workload.ts';

/** Fewer spans than OpenTelemetry's queue of 2,048, so that it drops none. */
const TRACES_PER_CHUNK = 300;

/** Per span: nanoseconds of the loop, and of processor time for the loop and its export. */
export interface Measured {
  nanos: number;
  cpuNanos: number;
}

const [name = '', port = '0'] = process.argv.slice(2);
const tracer = await openTracer(name, Number(port));
const repeating = workload(tracer.wrap);
const fresh = workload(tracer.wrap, true);

/** One measurement: the kind of functions, and whether texts are new in each call. */
export interface Run {
  kind: 'async' | 'sync';
  isNew: boolean;
  chunks: number;
}

async function measure({ kind, isNew, chunks }: Run): Promise<Measured> {
  const work = isNew ? fresh : repeating;
  let nanos = 0n;
  const cpu = process.cpuUsage();
  for (let chunk = 0; chunk < chunks; chunk++) {
    const begin = process.hrtime.bigint();
    if (kind === 'sync') for (let i = 0; i < TRACES_PER_CHUNK; i++) work.sync();
    else for (let i = 0; i < TRACES_PER_CHUNK; i++) await work.async();
    nanos += process.hrtime.bigint() - begin;
    await tracer.flush();
  }
  const { user, system } = process.cpuUsage(cpu);
  const spans = chunks * TRACES_PER_CHUNK * SPANS_PER_TRACE;
  return { nanos: Number(nanos) / spans, cpuNanos: ((user + system) * 1000) / spans };
}

process.on('message', async (run: Run) => {
  process.send?.(await measure(run));
});
process.send?.('ready');
