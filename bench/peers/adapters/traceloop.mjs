// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { forceFlush, initialize, withTask } from '@traceloop/node-server-sdk';

export function start(port) {
  initialize({
    appName: 'bench',
    apiKey: 'x',
    baseUrl: `http://127.0.0.1:${port}`,
    silenceInitializationMessage: true,
    traceloopSyncEnabled: false,
  });
  return {
    wrap:
      (name, fn) =>
      (...args) =>
        withTask({ name }, fn, ...args),
    flush: () => forceFlush(),
    shutdown: () => forceFlush(),
  };
}
