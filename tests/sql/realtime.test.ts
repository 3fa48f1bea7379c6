import { beforeAll, expect, it } from 'vitest';
import { asCaller } from '../support/as-caller.ts';
import { onEachPostgres, type TestProject } from '../support/database.ts';
import { addRealtime } from '../support/realtime.ts';

interface Message {
  topic: string;
  event: string;
  private: boolean;
  payload: { traces: { id: string; ended_at: string | null }[]; more: number };
}

onEachPostgres('announcements', (database) => {
  let project: TestProject;
  let before: TestProject;

  beforeAll(async () => {
    before = await database().project();
    await database().ingest(before, { traces: [{ id: 'quiet' }] });
    expect(await database().value('select agensight_private.enable_realtime()')).toBe(false);
    await addRealtime(database());
    expect(await database().value('select agensight_private.enable_realtime()')).toBe(true);
    expect(await database().value('select agensight_private.enable_realtime()')).toBe(true);
    project = await database().project();
  });

  /** The messages sent since the last call. */
  const sent = () =>
    database().query<Message & Record<string, unknown>>(
      'with gone as (delete from realtime.messages returning *) select * from gone order by inserted_at',
    );

  it('do nothing where Realtime is not installed', async () => {
    expect(await database().rows('traces', before)).toHaveLength(1);
  });

  it('report a new trace, then its end, once each', async () => {
    const at = '2026-01-02T03:04:05+00:00';
    const trace = { id: 'a', session_id: 's', name: 'chat', started_at: at };
    await database().ingest(project, {
      traces: [{ ...trace, input: { secret: 'x' } }],
      spans: [{ trace_id: 'a', id: 'p' }],
    });
    const [begun, ...others] = await sent();
    expect(others).toEqual([]);
    expect(begun).toMatchObject({
      topic: `project:${project.id}`,
      event: 'traces',
      private: true,
      payload: {
        traces: [{ ...trace, status: null, ended_at: null }],
        more: 0,
      },
    });
    expect(JSON.stringify(begun)).not.toContain('secret');

    await database().ingest(project, { spans: [{ trace_id: 'a', id: 'q', status: 'error' }] });
    expect(await sent()).toEqual([]);
    const ended = { ...trace, ended_at: at, status: 'ok' };
    await database().ingest(project, { traces: [ended] });
    expect(await sent()).toMatchObject([{ payload: { traces: [ended] } }]);
    await database().ingest(project, { traces: [ended] });
    expect(await sent()).toEqual([]);
  });

  it('report the traces of a batch in one small message', async () => {
    const traces = Array.from({ length: 70 }, (_, i) => ({
      id: `many-${String(i).padStart(2, '0')}`,
      name: 'n'.repeat(5000),
    }));
    await database().ingest(project, { traces });
    const [message, ...others] = await sent();
    expect(others).toEqual([]);
    expect(message?.payload.traces.map(({ id }) => id)).toEqual(
      traces.slice(0, 50).map(({ id }) => id),
    );
    expect(message?.payload.more).toBe(20);
    expect(JSON.stringify(message).length).toBeLessThan(25_000);
  });

  it('never stop a batch from being stored', async () => {
    await database().query('alter table realtime.messages rename to unavailable');
    await database().query('alter function realtime.send rename to sent');
    await database().query(
      `create function realtime.send(payload jsonb, event text, topic text, private boolean) returns void
       language plpgsql as $$ begin raise exception 'no partition'; end $$`,
    );
    await database().ingest(project, { traces: [{ id: 'stored' }] });
    expect(await database().query("select from agensight.traces where id = 'stored'")).toHaveLength(
      1,
    );
    await database().query('drop function realtime.send');
    await database().query('alter function realtime.sent rename to send');
    await database().query('alter table realtime.unavailable rename to messages');
  });

  it.each([
    ['a member of the project', true],
    ['a member of another', false],
    ['a client that is not signed in', false],
  ])('are received by %s: %s', async (who, receives) => {
    const [member, other] = [await database().user(project), await database().user(before)];
    await database().ingest(project, { traces: [{ id: `for ${who}` }] });
    const heard = await asCaller(
      database(),
      who === 'a client that is not signed in'
        ? { role: 'anon' }
        : { role: 'authenticated', user: receives ? member : other },
      async () => {
        // As Realtime does when a browser joins a private topic.
        await database().query("select set_config('realtime.topic', $1, true)", [
          `project:${project.id}`,
        ]);
        return database().query('select from realtime.messages');
      },
    );
    expect(heard.length > 0).toBe(receives);
  });
});
