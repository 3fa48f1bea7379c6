/** A store whose URL and key come from a secret and follow its rotation. */
import type { SupabaseAccess } from '../runtime/config.ts';
import type { Retryable, WorkerStore } from './store.ts';

/** How long a secret is used before it is read again. */
export const SECRET_MILLIS = 300_000;
/** How soon it is read again after the database refused the key, or after a failed read. */
export const SECRET_AGAIN_MILLIS = 15_000;

/**
 * Reads the secret at the first call and every five minutes, so that a key can be rotated without a
 * deployment: both keys are valid while the functions pick up the new one. A refused key makes it
 * read sooner. While the secret cannot be read, the last one stays in use.
 */
export function createRefreshingStore(
  read: () => Promise<SupabaseAccess>,
  open: (access: SupabaseAccess) => WorkerStore,
  now: () => number,
): WorkerStore {
  let store: WorkerStore | null = null;
  let openedWith: SupabaseAccess | null = null;
  let readAgainAtMillis = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  let problem = '';

  async function refresh(): Promise<void> {
    readAgainAtMillis = now() + SECRET_AGAIN_MILLIS;
    try {
      const access = await read();
      if (access.url !== openedWith?.url || access.secretKey !== openedWith.secretKey) {
        store = open(access);
        openedWith = access;
      }
      readAgainAtMillis = now() + SECRET_MILLIS;
    } catch (error) {
      problem = error instanceof Error ? error.message : 'the secret cannot be read';
    }
  }

  async function use<T extends object>(
    call: (store: WorkerStore) => Promise<T>,
  ): Promise<T | Retryable> {
    if (readAgainAtMillis <= now()) {
      reading ??= refresh().finally(() => {
        reading = null;
      });
    }
    // Calls that arrive during a read wait too: there may be no store yet.
    if (reading !== null) await reading;
    if (store === null) {
      const afterSeconds = SECRET_AGAIN_MILLIS / 1000;
      return { status: 'retry', afterSeconds, reason: problem, isUnavailable: true };
    }
    const result = await call(store);
    if ('isKeyRefused' in result && result.isKeyRefused) {
      readAgainAtMillis = Math.min(readAgainAtMillis, now() + SECRET_AGAIN_MILLIS);
    }
    return result;
  }

  return {
    authenticate: (tokenHash) => use((current) => current.authenticate(tokenHash)),
    ingest: (tokenHash, batch) => use((current) => current.ingest(tokenHash, batch)),
    ingestBySpan: (tokenHash, batch) => use((current) => current.ingestBySpan(tokenHash, batch)),
    ingestAccepted: (accepted) => use((current) => current.ingestAccepted(accepted)),
    maintain: (budgetMillis) => use((current) => current.maintain(budgetMillis)),
    schemaVersion: () => use((current) => current.schemaVersion()),
  };
}
