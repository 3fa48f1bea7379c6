/** What the handler leans on, so that tests and the local stack can hand it their own. */

import { createOverflow } from './overflow/lazy-overflow.ts';
import type { Overflow } from './overflow/overflow.ts';
import { type Config, readAwsAccess, readConfig, type SupabaseAccess } from './runtime/config.ts';
import { createLog, type Log } from './runtime/log.ts';
import { createMetrics, type Metrics } from './runtime/metrics.ts';
import { withBreaker } from './store/circuit-breaker.ts';
import { createRefreshingStore } from './store/refreshing-store.ts';
import { readSecret } from './store/secret.ts';
import { type BackStore, createSupabaseStore, type Store } from './store/store.ts';

export interface Dependencies {
  store: Store;
  /** Where batches go while the database is away; without it the client is told to keep them. */
  overflow?: Overflow | null;
  /** Milliseconds since 1970. */
  now: () => number;
  log: Log;
  metrics: Metrics;
  /** Version of the deployed code. */
  version: string;
}

/**
 * The real ones, from the environment.
 *
 * @throws ConfigError when a setting is missing
 */
export function createDependencies(): Dependencies {
  const config = readConfig();
  return {
    store: withBreaker(createStore(config), Date.now),
    overflow: config.overflow && createOverflow(config.overflow),
    now: Date.now,
    log: createLog(config.logLevel),
    metrics: createMetrics(config.metricsNamespace),
    version: config.version,
  };
}

/** The database that the settings name, by themselves or by a secret. */
export function createStore({ supabase, secretArn, databaseTimeoutMillis }: Config): BackStore {
  const open = ({ url, secretKey }: SupabaseAccess) =>
    createSupabaseStore({ url, secretKey, timeoutMillis: databaseTimeoutMillis });
  if (supabase) return open(supabase);
  const read = () => readSecret(secretArn ?? '', readAwsAccess());
  return createRefreshingStore(read, open, Date.now);
}
