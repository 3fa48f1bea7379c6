/** A store whose address and key come from a secret, and change with it. */
import type { SupabaseAccess } from '../runtime/config.ts';
import type { BackStore, Later } from './store.ts';

/** How long a secret that was read is taken for the current one. */
export const SECRET_MILLIS = 300_000;
/** How soon it is read again when the database refuses the key, or when reading it failed. */
export const SECRET_AGAIN_MILLIS = 15_000;

/**
 * Reads the secret at the first call and every five minutes, so that a key is exchanged without a
 * deployment: both keys are good while the functions take up the new one. A key that is refused makes
 * it look at once. While the secret cannot be read, the last one goes on.
 */
export function createRefreshingStore(
  read: () => Promise<SupabaseAccess>,
  open: (access: SupabaseAccess) => BackStore,
  now: () => number,
): BackStore {
  let store: BackStore | null = null;
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
      problem = (error as Error).message;
    }
  }

  async function use<T>(call: (store: BackStore) => Promise<T>): Promise<T | Later> {
    if (readAgainAtMillis <= now()) {
      reading ??= refresh().finally(() => {
        reading = null;
      });
    }
    // Also those who come while it is being read: there may be no store before.
    if (reading !== null) await reading;
    if (store === null) {
      const afterSeconds = SECRET_AGAIN_MILLIS / 1000;
      return { status: 'retry', afterSeconds, reason: problem, isAway: true };
    }
    const result = await call(store);
    if ((result as Partial<Later>).isKeyRefused) {
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
