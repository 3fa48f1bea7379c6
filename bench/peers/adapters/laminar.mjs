// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { Laminar, observe } from '@lmnr-ai/lmnr';

export function start(port) {
  Laminar.initialize({
    projectApiKey: 'x',
    baseUrl: 'http://127.0.0.1',
    httpPort: port,
    forceHttp: true,
    instrumentModules: {},
  });
  return {
    wrap:
      (name, fn) =>
      (...args) =>
        observe({ name }, fn, ...args),
    flush: () => Laminar.flush(),
    shutdown: () => Laminar.shutdown(),
  };
}
