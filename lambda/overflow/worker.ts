/** The dependencies of drain and maintain, which tests replace by their own. */
import type { Log } from '../runtime/log.ts';
import type { Counters } from '../runtime/metrics.ts';
import type { WorkerStore } from '../store/store.ts';
import type { Backlog } from './backlog.ts';

export interface WorkerDependencies<S extends 'drain' | 'maintain'> {
  store: WorkerStore;
  backlog: Backlog;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
  counters: Counters<S>;
}
