/** The ingest handler behind a function URL in a separate process, which reports its peak memory. */
import { createHandler } from '../lambda/ingest.ts';
import { createSupabaseStore } from '../lambda/store/store.ts';
import { functionUrlListener } from '../local/function-url.ts';
import { listen } from '../local/listen.ts';

const [url = '', secretKey = ''] = process.argv.slice(2);
const handler = createHandler({
  store: createSupabaseStore({ url, secretKey, timeoutMillis: 10_000 }),
  now: Date.now,
  log: { debug: () => {}, warn: () => {}, error: () => {} },
  metrics: { record: () => {} },
  version: 'bench',
});

let peakBytes = 0;
setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 2);
// Each message is answered with the peak since the previous one.
process.on('message', () => {
  process.send?.(Math.max(peakBytes, process.memoryUsage.rss()));
  peakBytes = 0;
});
process.send?.((await listen(functionUrlListener(handler), 0, '')).url);
