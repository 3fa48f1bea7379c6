// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { flushAll, track } from 'opik';

/** The address comes from OPIK_URL_OVERRIDE. */
export function start() {
  return {
    wrap: (name, fn) => track({ name }, fn),
    flush: () => flushAll(),
    shutdown: () => flushAll(),
  };
}
