/** The real dependencies of drain and maintain. */

import { serviceName } from '../wire/operations.ts';
import { createStore } from './dependencies.ts';
import type { Backlog } from './overflow/backlog.ts';
import type { WorkerDependencies } from './overflow/worker.ts';
import { type OverflowConfig, readWorkerConfig } from './runtime/config.ts';
import { createLog } from './runtime/log.ts';
import { createCounters } from './runtime/metrics.ts';

/**
 * Creates the dependencies from the environment.
 *
 * @throws ConfigError when a setting is missing or invalid
 */
export function createWorkerDependencies<S extends 'drain' | 'maintain'>(
  service: S,
  openBacklog: (config: OverflowConfig) => Backlog,
): WorkerDependencies<S> {
  const config = readWorkerConfig();
  return {
    store: createStore(config),
    backlog: openBacklog(config.overflow),
    now: Date.now,
    log: createLog(config.logLevel, serviceName(service)),
    counters: createCounters(service, config.metricsNamespace),
  };
}
