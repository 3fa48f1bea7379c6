// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { flush, initLogger, wrapTraced } from 'braintrust';

export function start(port) {
  const appUrl = `http://127.0.0.1:${port}`;
  initLogger({ projectName: 'bench', apiKey: 'x', appUrl, asyncFlush: true });
  return {
    wrap: (name, fn) => wrapTraced(fn, { name }),
    flush: () => flush(),
    shutdown: () => flush(),
  };
}
