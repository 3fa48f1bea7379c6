/** What the handler leans on, so that tests and the local stack can hand it their own. */
import { readConfig } from './config.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createSupabaseStore, type Store } from './store.ts';

export interface Dependencies {
  store: Store;
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
    store: createSupabaseStore({
      url: config.supabaseUrl,
      secretKey: config.supabaseSecretKey,
      timeoutMillis: config.databaseTimeoutMillis,
    }),
    now: Date.now,
    log: createLog(config.logLevel),
    metrics: createMetrics(),
    version: config.version,
  };
}
