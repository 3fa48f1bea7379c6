import { pythonValueOf } from '../../../lambda/python/validate-token.ts';
import type { Store, StoreResult } from '../../../lambda/store/store.ts';
import type { Batch } from '../../../wire/records.ts';

/** A token of valid form, because no other is looked up; the text makes it unique. */
export function tokenOf(text: string): string {
  return `agn_${Buffer.from(text).toString('hex').padEnd(64, '0')}`;
}

export const GOOD_TOKEN = tokenOf('good');
export const READER_TOKEN = tokenOf('reader');

/** A fake database: keeps the batches it is given, and counts its calls. */
export interface RecordingStore extends Store {
  batches: Batch[];
  /** Those of {@link batches} that name only spans. */
  batchesBySpan: Batch[];
  authentications: number;
  healthChecks: number;
  /** What the next calls return; by default success. */
  answers: {
    authenticate?: Awaited<ReturnType<Store['authenticate']>>;
    ingest?: StoreResult;
    schemaVersion?: Awaited<ReturnType<Store['schemaVersion']>>;
  };
}

export function createRecordingStore(hashOf: (token: string) => string): RecordingStore {
  const scopesByHash = new Map([
    [hashOf(GOOD_TOKEN), ['ingest']],
    [hashOf(pythonValueOf(GOOD_TOKEN)), ['ingest']],
    [hashOf(READER_TOKEN), ['read']],
  ]);
  const store: RecordingStore = {
    batches: [],
    batchesBySpan: [],
    authentications: 0,
    healthChecks: 0,
    answers: {},
    authenticate: async (tokenHash) => {
      store.authentications++;
      if (store.answers.authenticate) return store.answers.authenticate;
      const scopes = scopesByHash.get(tokenHash);
      if (!scopes) return { status: 'unauthorized' };
      const token = { project_id: 'p', token_id: 't', scopes, expires_at: null };
      return { status: 'known', token };
    },
    ingest: async (_tokenHash, batch) => {
      if (store.answers.ingest) return store.answers.ingest;
      store.batches.push(batch);
      return { status: 'stored', stored: { spans: batch.spans?.length ?? 0 }, repeated: false };
    },
    ingestBySpan: (tokenHash, batch) => {
      store.batchesBySpan.push(batch);
      return store.ingest(tokenHash, batch);
    },
    schemaVersion: async () => {
      store.healthChecks++;
      return store.answers.schemaVersion ?? { status: 'known', version: 2 };
    },
  };
  return store;
}
