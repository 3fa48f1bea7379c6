import { expect, it } from 'vitest';
import { onEachPostgres } from '../support/database.ts';

const DAY_MILLIS = 86_400_000;
const at = (millisFromNow: number) => new Date(Date.now() + millisFromNow).toISOString();

onEachPostgres('data that arrives late or from a wrong clock', (database) => {
  it.each([
    ['a moment ago', at(-60_000), 'on time'],
    ['two minutes ahead, as clocks are', at(120_000), 'on time'],
    ['a month ago', at(-30 * DAY_MILLIS), 'late'],
    ['tomorrow', at(DAY_MILLIS), 'ahead'],
    ['in the year 2099', '2099-01-01T00:00:00Z', 'ahead'],
    ['in 1970', '1970-01-01T00:00:00Z', 'reset'],
    ['at no time that is known', undefined, null],
  ])('is stored and flagged when it began %s', async (_, started_at, arrival) => {
    const project = await database().project();
    await database().ingest(project, {
      traces: [{ id: 't', started_at, ended_at: started_at }],
      spans: [{ trace_id: 't', id: 'p', started_at, ended_at: started_at }],
    });
    expect(
      await database().value(
        'select agensight.arrival(t) from agensight.traces t where project_id = $1',
        [project.id],
      ),
    ).toBe(arrival);
    const flagged = await database().query(
      'select arrival, late_by_ms from agensight.late_traces where project_id = $1',
      [project.id],
    );
    expect(flagged.map((row) => row.arrival)).toEqual(
      arrival === null || arrival === 'on time' ? [] : [arrival],
    );
    expect(await database().rows('spans', project)).toHaveLength(1);
  });

  it('does not flag a long run as late that was received while it ran', async () => {
    const project = await database().project();
    await database().ingest(project, { traces: [{ id: 't', started_at: at(-1000) }] });
    await database().ingest(project, { traces: [{ id: 't', ended_at: at(3 * DAY_MILLIS) }] });
    expect(
      await database().value(
        'select agensight.arrival(t) from agensight.traces t where project_id = $1',
        [project.id],
      ),
    ).toBe('on time');
  });

  it.each(['1970-01-01T00:00:00Z', '2099-01-01T00:00:00Z'])(
    'is kept for its full time from when it was received, and no longer: %s',
    async (started_at) => {
      const project = await database().project();
      await database().query('select agensight.set_retention($1, 30)', [project.id]);
      await database().ingest(project, { traces: [{ id: 't', started_at }] });
      await database().query('select agensight.maintain()');
      expect(await database().rows('traces', project)).toHaveLength(1);
      await database().query(
        "update agensight.traces set received_at = now() - interval '31 days' where project_id = $1",
        [project.id],
      );
      await database().query('select agensight.maintain()');
      expect(await database().rows('traces', project)).toEqual([]);
    },
  );

  it('is kept when its trace was deleted and created again after it was found to be old', async () => {
    const project = await database().project();
    await database().ingest(project, { spans: [{ trace_id: 't', id: 'late' }] });
    const take = (receivedBefore: string) =>
      database().value('select agensight_private.lock_deletable_traces($1, $2, $3)', [
        project.id,
        ['t'],
        receivedBefore,
      ]);
    expect(await take(at(-30 * DAY_MILLIS))).toEqual([]);
    expect(await take(at(DAY_MILLIS))).toEqual(['t']);
  });
});
