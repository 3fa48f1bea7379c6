import { describe, expect, it } from 'vitest';
import { maintain, ORPHAN_AGE_MILLIS } from '../../../lambda/overflow/maintain.ts';
import { addObject, createWorkerEdges } from '../support/worker-edges.ts';

const LONG = () => 300_000;

describe('maintain', () => {
  it('calls the database until nothing is left to delete', async () => {
    const edges = createWorkerEdges();
    edges.maintenance.push(
      { status: 'done', isFinished: false, deleted: { spans: 2000, traces: 10 } },
      { status: 'done', isFinished: true, deleted: { spans: 5 } },
    );
    expect(await maintain(edges.dependencies, LONG)).toEqual({
      deleted: { spans: 2005, traces: 10 },
      isFinished: true,
      orphans: 0,
    });
    expect(edges.counted).toMatchObject([{ Runs: 1, Failures: 0, Deleted: 2015, Unfinished: 0 }]);
  });

  it('stops when its time runs out, and reports that it is unfinished', async () => {
    const edges = createWorkerEdges();
    const unfinished = { status: 'done', isFinished: false, deleted: {} } as const;
    edges.maintenance.push(unfinished, unfinished, unfinished);
    let left = 60_000;
    const done = await maintain(edges.dependencies, () => {
      left -= 25_000;
      return left;
    });
    expect(done.isFinished).toBe(false);
    expect(edges.maintenance).toHaveLength(2);
    expect(edges.counted).toMatchObject([{ Runs: 1, Unfinished: 1 }]);
  });

  it('queues objects without a message after a grace period', async () => {
    const edges = createWorkerEdges();
    const old = await addObject(edges, ORPHAN_AGE_MILLIS + 1);
    await addObject(edges, ORPHAN_AGE_MILLIS - 1);
    expect(await maintain(edges.dependencies, LONG)).toMatchObject({ orphans: 1 });
    expect(edges.backlog.messages.queue.map(({ body }) => JSON.parse(body))).toEqual([
      { key: old.key },
    ]);
  });

  it('queues nothing while the queue has messages', async () => {
    const edges = createWorkerEdges();
    await addObject(edges, ORPHAN_AGE_MILLIS + 1);
    await edges.backlog.send('queue', ['{}']);
    expect(await maintain(edges.dependencies, LONG)).toMatchObject({ orphans: 0 });
  });

  it('does not queue the objects of dead letters', async () => {
    const edges = createWorkerEdges();
    const dead = await addObject(edges, ORPHAN_AGE_MILLIS + 1);
    const orphan = await addObject(edges, ORPHAN_AGE_MILLIS + 2);
    await edges.backlog.send('deadLetters', [JSON.stringify({ key: dead.key, reason: 'no' })]);
    expect(await maintain(edges.dependencies, LONG)).toMatchObject({ orphans: 1 });
    expect(edges.backlog.messages.queue.map(({ body }) => JSON.parse(body))).toEqual([
      { key: orphan.key },
    ]);
    expect(edges.backlog.messages.deadLetters).toHaveLength(1);
  });

  it('changes nothing when it runs again', async () => {
    const edges = createWorkerEdges();
    await addObject(edges, ORPHAN_AGE_MILLIS + 1);
    await maintain(edges.dependencies, LONG);
    expect(await maintain(edges.dependencies, LONG)).toMatchObject({ orphans: 0 });
    expect(edges.backlog.messages.queue).toHaveLength(1);
  });

  it('queues orphans also when the database is unavailable, and throws', async () => {
    const edges = createWorkerEdges();
    await addObject(edges, ORPHAN_AGE_MILLIS + 1);
    edges.maintenance.push({ status: 'retry', afterSeconds: 5, reason: 'database error 57P03' });
    await expect(maintain(edges.dependencies, LONG)).rejects.toThrow('57P03');
    expect(edges.backlog.messages.queue).toHaveLength(1);
    expect(edges.counted).toMatchObject([{ Runs: 0, Failures: 1, Orphans: 1 }]);
  });

  it('maintains the database also when S3 does not answer, and throws', async () => {
    const edges = createWorkerEdges();
    edges.backlog.broken.add('list');
    edges.maintenance.push({ status: 'done', isFinished: true, deleted: { traces: 1 } });
    await expect(maintain(edges.dependencies, LONG)).rejects.toThrow('orphans could not be queued');
    expect(edges.counted).toMatchObject([{ Deleted: 1, Failures: 1 }]);
  });
});
