// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { Client } from 'langsmith';
import { traceable } from 'langsmith/traceable';

export function start(port) {
  const client = new Client({ apiUrl: `http://127.0.0.1:${port}`, apiKey: 'x' });
  return {
    wrap: (name, fn) => traceable(fn, { name, client, tracingEnabled: true }),
    flush: () => client.awaitPendingTraceBatches(),
    shutdown: () => client.awaitPendingTraceBatches(),
  };
}
