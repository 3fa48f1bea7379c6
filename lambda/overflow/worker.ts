/** What drain and maintain lean on, so that tests can hand them their own. */
import type { Log } from '../runtime/log.ts';
import type { Counters } from '../runtime/metrics.ts';
import type { BackStore } from '../store/store.ts';
import type { Backlog } from './backlog.ts';

export interface BackDependencies {
  store: BackStore;
  backlog: Backlog;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
  counters: Counters;
}
