import { describe, expect, it } from 'vitest';
import {
  FIRST_PAUSE_MILLIS,
  LONGEST_PAUSE_MILLIS,
  withCircuitBreaker,
} from '../../../lambda/store/circuit-breaker.ts';
import type { StoreResult } from '../../../lambda/store/store.ts';
import { createRecordingStore } from '../support/recording-store.ts';
import { sha256 } from '../support/test-handler.ts';

const BATCH = { batch_id: 'b' };
const UNAVAILABLE: StoreResult = {
  status: 'retry',
  afterSeconds: 5,
  reason: 'unavailable',
  isUnavailable: true,
};

function setUp() {
  const recording = createRecordingStore(sha256);
  const clock = { millis: 0 };
  let calls = 0;
  const store = {
    ...recording,
    ingest: (hash: string, batch: typeof BATCH) => {
      calls++;
      return recording.ingest(hash, batch);
    },
  };
  const guarded = withCircuitBreaker(
    store,
    () => clock.millis,
    () => 0,
  );
  return { recording, clock, guarded, calls: () => calls };
}

describe('withCircuitBreaker', () => {
  it('stays closed while the database answers', async () => {
    const { guarded, calls } = setUp();
    for (let i = 0; i < 5; i++) {
      expect((await guarded.ingest('h', BATCH)).status).toBe('stored');
    }
    expect(calls()).toBe(5);
  });

  it('opens when the database is unavailable', async () => {
    const { guarded, recording, clock, calls } = setUp();
    recording.answers.ingest = UNAVAILABLE;
    await guarded.ingest('h', BATCH);
    clock.millis += FIRST_PAUSE_MILLIS - 1;
    for (let i = 0; i < 5; i++) {
      expect(await guarded.ingest('h', BATCH)).toMatchObject({
        status: 'retry',
        isUnavailable: true,
      });
    }
    expect((await guarded.authenticate('h')).status).toBe('retry');
    expect(calls()).toBe(1);
    expect(recording.authentications).toBe(0);
  });

  it('lets one trial call through when half-open, and doubles the pause', async () => {
    const { guarded, recording, clock, calls } = setUp();
    recording.answers.ingest = UNAVAILABLE;
    let pause = FIRST_PAUSE_MILLIS;
    for (let tries = 1; tries <= 8; tries++) {
      await Promise.all([1, 2, 3].map(() => guarded.ingest('h', BATCH)));
      expect(calls()).toBe(tries === 1 ? 3 : tries + 2);
      clock.millis += tries === 1 ? LONGEST_PAUSE_MILLIS : pause;
      pause = LONGEST_PAUSE_MILLIS;
    }
  });

  it('closes after a successful trial call', async () => {
    const { guarded, recording, clock } = setUp();
    recording.answers.ingest = UNAVAILABLE;
    await guarded.ingest('h', BATCH);
    delete recording.answers.ingest;
    clock.millis += FIRST_PAUSE_MILLIS;
    for (let i = 0; i < 3; i++) {
      expect((await guarded.ingest('h', BATCH)).status).toBe('stored');
    }
  });

  it.each([
    ['a deadlock', { status: 'retry', afterSeconds: 5, reason: 'r', isUnavailable: false }],
    ['a refusal', { status: 'refused', reason: 'r' }],
    ['a bad token', { status: 'unauthorized' }],
  ] as const)('stays closed after %s', async (_name, answer) => {
    const { guarded, recording, calls } = setUp();
    recording.answers.ingest = answer;
    await guarded.ingest('h', BATCH);
    await guarded.ingest('h', BATCH);
    expect(calls()).toBe(2);
  });
});
