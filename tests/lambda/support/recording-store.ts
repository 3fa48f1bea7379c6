import type { Store, StoreResult } from '../../../lambda/store/store.ts';
import type { Batch } from '../../../wire/records.ts';

/** In the form of a real one, because no other is looked up; the text only tells them apart. */
export function tokenOf(text: string): string {
  return `agn_${Buffer.from(text).toString('hex').padEnd(64, '0')}`;
}

export const GOOD_TOKEN = tokenOf('good');
export const READER_TOKEN = tokenOf('reader');

/** The database at the handler's edge: keeps what it is given, and counts how often it is asked. */
export interface RecordingStore extends Store {
  batches: Batch[];
  /** Those of {@link batches} that named spans alone. */
  batchesBySpan: Batch[];
  authentications: number;
  healthChecks: number;
  /** What the next calls answer; by default all is well. */
  answers: {
    authenticate?: Awaited<ReturnType<Store['authenticate']>>;
    ingest?: StoreResult;
    schemaVersion?: Awaited<ReturnType<Store['schemaVersion']>>;
  };
}

export function createRecordingStore(hashOf: (token: string) => string): RecordingStore {
  const scopesByHash = new Map([
    [hashOf(GOOD_TOKEN), ['ingest']],
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
