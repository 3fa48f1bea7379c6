/**
 * `node --expose-gc bench/soak.ts [minutes] [traces per second] [--spool folder]`: simulated traffic over a long
 * time, with streams, errors, sessions, outages of the server and spans that never end. Exits with 1 if
 * memory or the number of listeners grows.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { median } from './measure.ts';
import { completion, MESSAGES } from './workload.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { spool: { type: 'string' }, sdk: { type: 'string' } },
});
const minutes = Number(positionals[0] ?? 30);
const tracesPerSecond = Number(positionals[1] ?? 20);

const SAMPLES = 30;
/** Accepted growth of the median heap from the first third of the samples to the last. */
const MAX_GROWTH = 1.1;
const EVERY_OUTAGE_MILLIS = 60_000;
const OUTAGE_MILLIS = 10_000;

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    response.statusCode = Date.now() % EVERY_OUTAGE_MILLIS < OUTAGE_MILLIS ? 503 : 200;
    response.setHeader('content-type', 'application/json');
    response.end('{"rejected_count":0}');
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;

const built = new URL('../dist/agensight.js', import.meta.url).href;
const sdk: typeof import('../sdk/index.ts') = await import(values.sdk ?? built);
sdk.init({
  mode: 'prod',
  token: 'soak',
  endpoint: `http://127.0.0.1:${port}`,
  spool: values.spool ?? false,
  onWarning: () => undefined,
});

const sleep = (millis: number): Promise<void> => new Promise((next) => setTimeout(next, millis));
const plan = sdk.span('plan', async () => completion());
const chat = sdk.span({ name: 'chat', kind: 'llm' }, async (_: object) => {
  await sleep(Math.random() * 20);
  return completion();
});
const stream = sdk.span('stream', async function* () {
  for (let i = 0; i < 5; i++) yield `part ${i}`;
});
const fail = sdk.span('fail', async () => {
  throw new Error('on purpose');
});
let made = 0;
const answer = sdk.trace('answer', async () => {
  made += 1;
  await plan();
  await chat({ model: 'gpt-4o-mini', messages: MESSAGES });
  // A caller that stops reading leaves a stream that never ends.
  for await (const part of stream()) if (part === `part ${made % 7}`) break;
  if (made % 10 === 0) await fail().catch(() => undefined);
  if (made % 50 === 0) sdk.tracer.startSpan('never ended');
});
const one = (): unknown => sdk.withSession(`session ${made % 1_000}`, answer);

interface Sample {
  readonly heap: number;
  readonly rss: number;
  readonly listeners: number;
}

const { gc } = globalThis;
if (!gc) throw new Error('run it as: node --expose-gc bench/soak.ts');

function sample(): Sample {
  gc?.();
  const { heapUsed, rss, arrayBuffers } = process.memoryUsage();
  const listeners = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { heap: (heapUsed + arrayBuffers) / 1e6, rss: rss / 1e6, listeners };
}

const begin = Date.now();
const traffic = setInterval(one, 1_000 / tracesPerSecond);
const samples: Sample[] = [];
for (let i = 0; i < SAMPLES; i++) {
  await sleep((minutes * 60_000) / SAMPLES);
  // During an outage the queue fills up, which is not growth.
  while ((Date.now() + 5_000) % EVERY_OUTAGE_MILLIS < OUTAGE_MILLIS + 20_000) await sleep(500);
  const now = sample();
  samples.push(now);
  const at = ((Date.now() - begin) / 60_000).toFixed(1);
  const { pending } = sdk.status();
  console.log(
    `${at} min: heap ${now.heap.toFixed(1)} MB, rss ${now.rss.toFixed(0)} MB, ` +
      `${now.listeners} listeners, ${made} traces, ${pending} records pending`,
  );
}
clearInterval(traffic);
const result = await sdk.flush({ timeoutMillis: 30_000 });
const third = SAMPLES / 3;
const heapOf = (some: readonly Sample[]): number => median(some.map(({ heap }) => heap));
const growth = heapOf(samples.slice(-third)) / heapOf(samples.slice(0, third));
const [first] = samples;
const last = samples.at(-1);
console.log(
  `heap after GC, last third to first third: ${growth.toFixed(3)}; ${JSON.stringify(result)}`,
);
process.exit(growth > MAX_GROWTH || first?.listeners !== last?.listeners ? 1 : 0);
