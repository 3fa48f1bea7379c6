/** The dependencies of the ingest handler, which tests and the local stack replace by their own. */

import type { Overflow } from './overflow/object.ts';
import { createOverflow } from './overflow/overflow.ts';
import { type Config, readAwsAccess, readConfig, type SupabaseAccess } from './runtime/config.ts';
import { createLog, type Log } from './runtime/log.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';
import { withCircuitBreaker } from './store/circuit-breaker.ts';
import { createRefreshingStore } from './store/refreshing-store.ts';
import { readSecret } from './store/secret.ts';
import { createSupabaseStore, type Store, type WorkerStore } from './store/store.ts';

export interface Dependencies {
  store: Store;
  /** Where batches go while the database is unavailable; without it the client has to keep them. */
  overflow?: Overflow | null;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
  metrics: Metrics;
  /** Version of the deployed code. */
  version: string;
}

/**
 * Creates the real dependencies from the environment.
 *
 * @throws ConfigError when a setting is missing or invalid
 */
export function createDependencies(): Dependencies {
  const config = readConfig();
  return {
    store: withCircuitBreaker(createStore(config), Date.now),
    overflow: config.overflow && createOverflow(config.overflow),
    now: Date.now,
    log: createLog(config.logLevel),
    metrics: createMetrics(config.metricsNamespace),
    version: config.version,
  };
}

/** The database, with URL and key from the settings or from a secret. */
export function createStore({ supabase, secretArn, databaseTimeoutMillis }: Config): WorkerStore {
  const open = ({ url, secretKey }: SupabaseAccess) =>
    createSupabaseStore({ url, secretKey, timeoutMillis: databaseTimeoutMillis });
  if (supabase) return open(supabase);
  const read = () => readSecret(secretArn ?? '', readAwsAccess());
  return createRefreshingStore(read, open, Date.now);
}
