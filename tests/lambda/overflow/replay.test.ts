import { describe, expect, it } from 'vitest';
import { readReplay, replay } from '../../../lambda/overflow/replay.ts';
import { addObject, createWorkerEdges } from '../support/worker-edges.ts';

const LONG = () => 300_000;
const HOUR_MILLIS = 3_600_000;

describe('readReplay', () => {
  it.each([
    [{ source: 'aws.events' }, null],
    [null, null],
    [{ replay: { dead_letters: true } }, { what: 'deadLetters' }],
    [
      { replay: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' } },
      {
        what: 'range',
        fromMillis: Date.UTC(2026, 0, 1),
        toMillis: Date.UTC(2026, 0, 2),
        afterKey: '',
      },
    ],
  ])('reads %j', (event, order) => {
    expect(readReplay(event)).toEqual(order);
  });

  it.each([
    { replay: null },
    { replay: {} },
    { replay: { dead_letters: false } },
    { replay: { from: '2026-01-01T00:00:00Z' } },
    { replay: { from: 'yesterday', to: 'today' } },
    { replay: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' } },
  ])('refuses %j', (event) => {
    expect(() => readReplay(event)).toThrow(TypeError);
  });
});

describe('replay', () => {
  it('moves all dead letters back into the queue', async () => {
    const { dependencies, backlog } = createWorkerEdges();
    const bodies = Array.from({ length: 25 }, (_, i) => JSON.stringify({ key: `batches/${i}` }));
    await backlog.send('deadLetters', bodies);
    expect(await replay({ what: 'deadLetters' }, dependencies, LONG)).toEqual({
      replayed: 25,
      isFinished: true,
      after: '',
    });
    expect(backlog.messages.deadLetters).toEqual([]);
    expect(backlog.messages.queue.map(({ body }) => body)).toEqual(bodies);
  });

  it('deletes a dead letter only after it is in the queue', async () => {
    const { dependencies, backlog } = createWorkerEdges();
    await backlog.send('deadLetters', ['{"key":"batches/1"}']);
    backlog.broken.add('send');
    await expect(replay({ what: 'deadLetters' }, dependencies, LONG)).rejects.toThrow('broken');
    expect(backlog.messages.deadLetters).toHaveLength(1);
  });

  it('queues the batches of a range of time, including its ends', async () => {
    const edges = createWorkerEdges();
    const made = [];
    for (const hours of [4, 3, 2, 1]) made.push(await addObject(edges, hours * HOUR_MILLIS));
    const order = {
      what: 'range',
      fromMillis: edges.clock.millis - 3 * HOUR_MILLIS,
      toMillis: edges.clock.millis - 2 * HOUR_MILLIS,
      afterKey: '',
    } as const;
    expect(await replay(order, edges.dependencies, LONG)).toMatchObject({
      replayed: 2,
      isFinished: true,
    });
    expect(edges.backlog.messages.queue.map(({ body }) => JSON.parse(body).key)).toEqual([
      made[1]?.key,
      made[2]?.key,
    ]);
  });

  it('reports where to continue when its time runs out', async () => {
    const edges = createWorkerEdges();
    for (let i = 0; i < 1001; i++) {
      edges.backlog.objects.set(`batches/2026-01-01T00:00:00.${String(i).padStart(4, '0')}Z_p_b`, {
        bytes: Buffer.alloc(0),
        writtenAtMillis: 0,
      });
    }
    const range = { what: 'range', fromMillis: 0, toMillis: edges.clock.millis } as const;
    let rounds = 0;
    const first = await replay({ ...range, afterKey: '' }, edges.dependencies, () =>
      rounds++ === 0 ? 60_000 : 0,
    );
    expect(first).toMatchObject({ replayed: 1000, isFinished: false });
    const second = await replay({ ...range, afterKey: first.after }, edges.dependencies, LONG);
    expect(second).toMatchObject({ replayed: 1, isFinished: true });
  });
});
