/** What drain and maintain lean on, so that tests can hand them their own. */

import { createStore } from './dependencies.ts';
import type { Backlog } from './overflow/backlog.ts';
import type { BackDependencies } from './overflow/worker.ts';
import { ConfigError, type OverflowConfig, readConfig } from './runtime/config.ts';
import { createLog } from './runtime/log.ts';
import { createCounters } from './runtime/metrics.ts';

/**
 * The real ones, from the environment.
 *
 * @throws ConfigError when a setting is missing
 */
export function createBackDependencies(
  service: string,
  openBacklog: (config: OverflowConfig) => Backlog,
): BackDependencies {
  const config = readConfig();
  if (!config.overflow?.deadLetterQueueUrl) {
    throw new ConfigError(
      'AGENSIGHT_OVERFLOW_BUCKET and AGENSIGHT_DEAD_LETTER_QUEUE_URL must be set.',
    );
  }
  return {
    store: createStore(config),
    backlog: openBacklog(config.overflow),
    now: Date.now,
    log: createLog(config.logLevel, service),
    counters: createCounters(service, config.metricsNamespace),
  };
}
