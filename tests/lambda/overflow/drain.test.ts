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
  AWAY,
  addObject,
  createWorkerEdges,
  pointerTo,
  recordOf,
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
  it('stores what a message points to, and removes the object', async () => {
    const { edges, drain } = setUp();
    const { key, object, record } = await waiting(edges);
    edges.clock.millis += 30_000;
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    const { project_id, accepted_at, names_span_only, batch } = object;
    expect(edges.accepted).toEqual([{ project_id, accepted_at, names_span_only, batch }]);
    expect(edges.backlog.objects.has(key)).toBe(false);
    expect(edges.counted).toMatchObject([{ Stored: 1, Records: 1, OverflowAgeSeconds: 30 }]);
  });

  it('has nothing to do for an object that is gone: it was stored before', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.backlog.objects.delete(key);
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.accepted).toEqual([]);
  });

  it('tries no other batch when the database is away, and lets all come again', async () => {
    const { edges, drain } = setUp();
    const all = await Promise.all([1, 2, 3].map(() => waiting(edges)));
    edges.answers.push(AWAY);
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

  it('goes on with the others when one batch alone has to wait', async () => {
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
  ])('puts a message that came %s times aside for %s seconds', async (receives, seconds) => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges, receives);
    edges.answers.push(AWAY);
    await drain([record], LONG);
    expect(edges.backlog.hidden.get(record.receiptHandle)).toBe(seconds);
  });

  it('never lets an outage count towards the dead letters: it renews the message', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges, RENEWED_AT_RECEIVES);
    edges.answers.push(AWAY);
    // Not a failure: the old message is deleted, and a new one counts from one.
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.queue.map(({ body }) => JSON.parse(body))).toEqual([{ key }]);
    expect(edges.backlog.delays).toEqual([LONGEST_PAUSE_SECONDS]);
    expect(RENEWED_AT_RECEIVES).toBeLessThan(MAX_RECEIVES);
  });

  it('keeps the old message when the new one cannot be sent', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges, RENEWED_AT_RECEIVES);
    edges.answers.push(AWAY);
    edges.backlog.broken.add('send');
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
  });

  it('puts what is refused for good with the dead letters at once, with the reason', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.answers.push({ status: 'refused', reason: 'the database refused it (22P02)' });
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.deadLetters.map(({ body }) => JSON.parse(body))).toEqual([
      { key, reason: 'the database refused it (22P02)' },
    ]);
    // Whoever looks at it needs the object.
    expect(edges.backlog.objects.has(key)).toBe(true);
    expect(edges.counted).toMatchObject([{ DeadLettered: 1, Stored: 0 }]);
  });

  it.each([
    ['no JSON', 'x'],
    ['a key of another place', '{"key":"other/x"}'],
  ])('buries a message with %s', async (_name, body) => {
    const { edges, drain } = setUp();
    expect(await drain([recordOf(body)], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.messages.deadLetters.map((message) => message.body)).toEqual([body]);
  });

  it('buries an object that cannot be read, and stores its neighbours', async () => {
    const { edges, drain } = setUp();
    const bad = await waiting(edges);
    const good = await waiting(edges);
    edges.backlog.objects.set(bad.key, { bytes: Buffer.from('x'), writtenAtMillis: 0 });
    await drain([bad.record, good.record], LONG);
    expect(edges.backlog.messages.deadLetters).toHaveLength(1);
    expect(edges.accepted).toMatchObject([{ batch: good.object.batch }]);
  });

  it('drops what belongs to a project that was deleted since', async () => {
    const { edges, drain } = setUp();
    const { key, record } = await waiting(edges);
    edges.answers.push({ status: 'gone' });
    expect(await drain([record], LONG)).toEqual({ batchItemFailures: [] });
    expect(edges.backlog.objects.has(key)).toBe(false);
    expect(edges.counted).toMatchObject([{ Gone: 1 }]);
  });

  it('lets a message come again when S3 does not give the object, or does not remove it', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges);
    edges.backlog.broken.add('read');
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
    edges.backlog.broken = new Set(['remove']);
    expect((await drain([record], LONG)).batchItemFailures).toHaveLength(1);
  });

  it('begins nothing that it has no time to end', async () => {
    const { edges, drain } = setUp();
    const { record } = await waiting(edges);
    expect((await drain([record], () => 1_000)).batchItemFailures).toHaveLength(1);
    expect(edges.accepted).toEqual([]);
  });

  it('tries a message that may end the function last, when its neighbours are safe', async () => {
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
