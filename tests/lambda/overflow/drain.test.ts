import { describe, expect, it } from 'vitest';
import {
  createDrain,
  FIRST_PAUSE_SECONDS,
  LONGEST_PAUSE_SECONDS,
  RENEWED_AT_RECEIVES,
  SUSPECT_AT_RECEIVES,
} from '../../../lambda/overflow/drain.ts';
import { MAX_RECEIVES } from '../../../wire/operations.ts';
import {
  addObject,
  createWorkerEdges,
  pointerTo,
  recordOf,
  UNAVAILABLE,
  type WorkerEdges,
} from '../support/worker-edges.ts';

const LONG = () => 60_000;

function setUp() {
  const edges = createWorkerEdges();
  return { edges, drain: createDrain(edges.dependencies) };
}

async function waiting(edges: WorkerEdges, receives = 1) {
  const { key, object } = await addObject(edges);
  return { key, object, record: pointerTo(key, receives) };
}

describe('drain', () => {
  it('stores the object of a message, and removes it', async () => {
    const { edges, drain } = setUp();
    const { key, object, record } = await waiting(edges);
    edges.clock.millis += 30_000;
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    const { project_id, accepted_at, names_span_only, batch } = object;
    expect(edges.accepted).toEqual([{ project_id, accepted_at, names_span_only, batch }]);
    expect(edges.backlog.objects.has(key)).toBe(false);
    expect(edges.counted).toMatchObject([{ Stored: 1, Records: 1, OverflowAgeSeconds: 30 }]);
  });

  it('deletes the message of an object that was stored before', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.backlog.objects.delete(key);
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.accepted).toEqual([]);
  });

  it('stops at the first batch when the database is unavailable, and postpones all', async () => {
    const { edges, drain } = setUp();
    const all = await Promise.all([1, 2, 3].map(() => waiting(edges)));
    edges.answers.push(UNAVAILABLE);
    const { batchItemFailures } = await drain(
      all.map(({ record }) => record),
      LONG,
    );
    expect(edges.accepted).toHaveLength(1);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(
      all.map(({ record }) => record.messageId).sort(),
    );
    expect([...edges.backlog.hidden.values()]).toEqual([10, 10, 10]);
    expect(edges.backlog.objects.size).toBe(3);
    expect(edges.backlog.messages.deadLetters).toEqual([]);
  });

  it('continues with the others when only one batch is postponed', async () => {
    const { edges, drain } = setUp();
    const all = await Promise.all([1, 2, 3].map(() => waiting(edges)));
    edges.answers.push({
      status: 'retry',
      afterSeconds: 5,
      reason: 'deadlock',
      isUnavailable: false,
    });
    const { batchItemFailures } = await drain(
      all.map(({ record }) => record),
      LONG,
    );
    expect(batchItemFailures).toHaveLength(1);
    expect(edges.accepted).toHaveLength(3);
  });

  it.each([
    [1, FIRST_PAUSE_SECONDS],
    [2, 2 * FIRST_PAUSE_SECONDS],
    [3, 4 * FIRST_PAUSE_SECONDS],
    [RENEWED_AT_RECEIVES - 1, LONGEST_PAUSE_SECONDS],
  ])('hides a message that was received %s times for %s seconds', async (receives, seconds) => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges, receives);
    edges.answers.push(UNAVAILABLE);
    await drain([record], LONG);
    expect(edges.backlog.hidden.get(record.receiptHandle)).toBe(seconds);
  });

  it('renews a message before an outage moves it to the dead-letter queue', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges, RENEWED_AT_RECEIVES);
    edges.answers.push(UNAVAILABLE);
    // Not a failure: the old message is deleted, and the new one restarts the receive count.
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.queue.map(({ body }) => JSON.parse(body))).toEqual([{ key }]);
    expect(edges.backlog.delays).toEqual([LONGEST_PAUSE_SECONDS]);
    expect(RENEWED_AT_RECEIVES).toBeLessThan(MAX_RECEIVES);
  });

  it('keeps the old message when the new one cannot be sent', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges, RENEWED_AT_RECEIVES);
    edges.answers.push(UNAVAILABLE);
    edges.backlog.broken.add('send');
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
  });

  it('moves a batch that is refused for good to the dead-letter queue, with the reason', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.answers.push({ status: 'refused', reason: 'the database refused it (22P02)' });
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.deadLetters.map(({ body }) => JSON.parse(body))).toEqual([
      { key, reason: 'the database refused it (22P02)' },
    ]);
    // Operators need the object.
    expect(edges.backlog.objects.has(key)).toBe(true);
    expect(edges.counted).toMatchObject([{ DeadLettered: 1, Stored: 0 }]);
  });

  it.each([
    ['no JSON', 'x'],
    ['a key of another place', '{"key":"other/x"}'],
  ])('moves a message with %s to the dead-letter queue', async (_name, body) => {
    const { edges, drain } = setUp();
    expect(await drain([recordOf(body)], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.deadLetters.map((message) => message.body)).toEqual([body]);
  });

  it('dead-letters an object that cannot be read, and stores the others', async () => {
    const { edges, drain } = setUp();
    const bad = await waiting(edges);
    const good = await waiting(edges);
    edges.backlog.objects.set(bad.key, { bytes: Buffer.from('x'), writtenAtMillis: 0 });
    await drain([bad.record, good.record], LONG);
    const [letter] = edges.backlog.messages.deadLetters;
    expect(JSON.parse(letter?.body ?? '')).toMatchObject({
      key: bad.key,
      reason: expect.stringContaining('content coding'),
    });
    expect(edges.backlog.messages.deadLetters).toHaveLength(1);
    expect(edges.accepted).toMatchObject([{ batch: good.object.batch }]);
  });

  it('drops a batch of a project that has been deleted', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.answers.push({ status: 'gone' });
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.objects.has(key)).toBe(false);
    expect(edges.counted).toMatchObject([{ Gone: 1 }]);
  });

  it('postpones a message when S3 fails to return or to remove the object', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges);
    edges.backlog.broken.add('read');
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
    edges.backlog.broken = new Set(['remove']);
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
  });

  it('starts no batch without enough time left', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges);
    expect((await drain([record], () => 1_000)).batchItemFailures).toHaveLength(1);
    expect(edges.accepted).toEqual([]);
  });

  it('tries a message that may end the function last, after deleting the others', async () => {
    const { edges, drain } = setUp();
    const suspect = await waiting(edges, SUSPECT_AT_RECEIVES);
    const good = await waiting(edges);
    await drain([suspect.record, good.record], LONG);
    expect(edges.accepted.map(({ batch }) => batch.batch_id)).toEqual([
      good.object.batch.batch_id,
      suspect.object.batch.batch_id,
    ]);
    expect(edges.backlog.deleted).toEqual([good.record.receiptHandle]);
  });
});
