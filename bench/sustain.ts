/** `npm run bench -- sustain [--peers]`: how many of 50,000 spans are delivered, in which time and memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './measure.ts';
import { contestants, Sink, watched } from './watch.ts';

const SPANS = 50_000;
const ROUNDS = 3;

const RACES = [
  { name: 'tight loop', rhythm: 'tight', answer: 'ok' },
  { name: 'yielding loop', rhythm: 'yielding', answer: 'ok' },
  { name: 'yielding loop, server takes 100 ms', rhythm: 'yielding', answer: 'slow' },
] as const;

interface Run {
  readonly arrived: number;
  readonly millis: number;
  readonly peak: number;
}

export async function benchSustain(): Promise<void> {
  const tracers = contestants();
  for (const { name, rhythm, answer } of RACES) {
    console.log(`\n### 50,000 spans, ${name}\n`);
    console.log('| tracer | delivered | last delivery after | peak memory |');
    console.log('| --- | --- | --- | --- |');
    const runs = new Map<string, Run[]>();
    for (let round = 0; round < ROUNDS; round++) {
      for (const [title, tracer] of tracers) {
        const folder = mkdtempSync(join(tmpdir(), 'agensight-bench-'));
        const sink = await Sink.open();
        await sink.order({ answer });
        const { port } = sink;
        const watch = { tracer, port, spans: SPANS, rhythm, end: 'flush' } as const;
        const { said } = await watched(watch, folder);
        const { spans, lastAt } = await sink.count();
        await sink.close();
        rmSync(folder, { recursive: true });
        const run = { arrived: spans, millis: lastAt - said.startedAt, peak: said.peakBytes };
        runs.set(title, [...(runs.get(title) ?? []), run]);
      }
    }
    const reference = runs.get('OpenTelemetry 3.1') ?? [];
    for (const [title, taken] of runs) {
      const of = (key: keyof Run, some = taken): number => median(some.map((run) => run[key]));
      const against = (key: keyof Run): string => (of(key) / of(key, reference)).toFixed(2);
      const percent = ((100 * of('arrived')) / SPANS).toFixed(0);
      const seconds = (of('millis') / 1_000).toFixed(2);
      const megabytes = (of('peak') / 1e6).toFixed(0);
      console.log(
        `| ${title} | ${of('arrived')} (${percent} %) | ${seconds} s (${against('millis')}) | ` +
          `${megabytes} MB (${against('peak')}) |`,
      );
    }
  }
}
