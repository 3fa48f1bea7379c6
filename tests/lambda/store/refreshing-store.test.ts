import { describe, expect, it } from 'vitest';
import type { SupabaseAccess } from '../../../lambda/runtime/config.ts';
import {
  createRefreshingStore,
  SECRET_AGAIN_MILLIS,
  SECRET_MILLIS,
} from '../../../lambda/store/refreshing-store.ts';
import type { StoreResult, WorkerStore } from '../../../lambda/store/store.ts';
import { createRecordingStore } from '../support/recording-store.ts';
import { sha256 } from '../support/test-handler.ts';
import { STORED } from '../support/worker-edges.ts';

const BATCH = { batch_id: 'b' };

function setUp() {
  const state = {
    millis: 0,
    reads: 0,
    access: { url: 'http://a', secretKey: 'old' } as SupabaseAccess | Error,
    opened: [] as string[],
    goodKeys: ['old'],
  };
  const store = createRefreshingStore(
    async () => {
      state.reads++;
      if (state.access instanceof Error) throw state.access;
      return state.access;
    },
    ({ secretKey }): WorkerStore => {
      state.opened.push(secretKey);
      return {
        ...createRecordingStore(sha256),
        ingest: async (): Promise<StoreResult> =>
          state.goodKeys.includes(secretKey)
            ? { status: 'stored', stored: {}, repeated: false }
            : { status: 'retry', afterSeconds: 60, reason: 'HTTP 401', isKeyRefused: true },
        ingestAccepted: async () => STORED,
        maintain: async () => ({ status: 'done', isFinished: true, deleted: {} }),
      };
    },
    () => state.millis,
  );
  return { state, store };
}

describe('createRefreshingStore', () => {
  it('reads the secret once for many calls at once', async () => {
    const { state, store } = setUp();
    const results = await Promise.all([1, 2, 3].map(() => store.ingest('h', BATCH)));
    expect(results.map(({ status }) => status)).toEqual(['stored', 'stored', 'stored']);
    expect(state).toMatchObject({ reads: 1, opened: ['old'] });
  });

  it('picks up a rotated key after five minutes, without a deployment', async () => {
    const { state, store } = setUp();
    await store.ingest('h', BATCH);
    state.access = { url: 'http://a', secretKey: 'new' };
    state.goodKeys.push('new');
    state.millis += SECRET_MILLIS - 1;
    await store.ingest('h', BATCH);
    expect(state.opened).toEqual(['old']);
    state.millis += 1;
    await store.ingest('h', BATCH);
    expect(state.opened).toEqual(['old', 'new']);
  });

  it('keeps its connections while the secret stays the same', async () => {
    const { state, store } = setUp();
    await store.ingest('h', BATCH);
    state.millis += SECRET_MILLIS;
    await store.ingest('h', BATCH);
    expect(state).toMatchObject({ reads: 2, opened: ['old'] });
  });

  it('reads the secret again soon after the key is refused', async () => {
    const { state, store } = setUp();
    await store.ingest('h', BATCH);
    state.access = { url: 'http://a', secretKey: 'new' };
    state.goodKeys = ['new'];
    expect((await store.ingest('h', BATCH)).status).toBe('retry');
    state.millis += SECRET_AGAIN_MILLIS;
    expect((await store.ingest('h', BATCH)).status).toBe('stored');
  });

  it('keeps the last key while the secret cannot be read', async () => {
    const { state, store } = setUp();
    await store.ingest('h', BATCH);
    state.access = new Error('Secrets Manager answered 500.');
    state.millis += SECRET_MILLIS;
    expect((await store.ingest('h', BATCH)).status).toBe('stored');
  });

  it('reports why the secret cannot be read, and tries again', async () => {
    const { state, store } = setUp();
    state.access = new Error('The secret has no SUPABASE_URL.');
    expect(await store.schemaVersion()).toMatchObject({
      status: 'retry',
      reason: 'The secret has no SUPABASE_URL.',
      isUnavailable: true,
    });
    state.access = { url: 'http://a', secretKey: 'old' };
    expect((await store.ingest('h', BATCH)).status).toBe('retry');
    state.millis += SECRET_AGAIN_MILLIS;
    expect((await store.ingest('h', BATCH)).status).toBe('stored');
    expect((await store.maintain(1)).status).toBe('done');
  });
});
