import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { asCaller } from '../support/as-caller.ts';
import { onEachPostgres, sha256, type TestProject } from '../support/database.ts';

const EARLIER = '2026-01-02T03:04:05Z';

/** One trace with records of every kind, whose texts and JSON values all contain the words. */
function everything(id: string, words: string, owner: { trace?: string; session?: string }) {
  const json = { said: [words] };
  return {
    sessions: [
      { id: `s-${id}`, name: words, metadata: json, user_id: owner.session, started_at: EARLIER },
    ],
    traces: [
      {
        ...{ id, session_id: `s-${id}`, user_id: owner.trace, name: words, started_at: EARLIER },
        ...{ input: json, output: json, error: json, metadata: json, tags: [words] },
      },
    ],
    spans: ['a', 'b'].map((span) => ({
      ...{ trace_id: id, id: span, name: words, status: 'error', kind: 'llm', started_at: EARLIER },
      ...{ input: json, output: json, error: json, attributes: json, events: [json] },
    })),
    prompts: [0, 1].map((message_index) => ({
      ...{ trace_id: id, span_id: 'a', message_index, role: 'user' },
      ...{ content: `${words} ${message_index}`, parts: [json], name: words },
    })),
    completions: [
      {
        ...{ trace_id: id, span_id: 'a', completion_index: 0, role: 'assistant' },
        ...{ content: words, parts: [json], model: words, provider: words, total_tokens: 5 },
      },
    ],
    tools: [
      {
        trace_id: id,
        id: 'c',
        span_id: 'a',
        name: words,
        arguments: json,
        output: json,
        error: json,
      },
    ],
  };
}

onEachPostgres('forgetting a user', (database) => {
  let project: TestProject;
  beforeEach(async () => {
    project = await database().project();
  });

  const forget = (user: string, within: string | null = project.id) =>
    database().query<{ id: string; done: boolean; deleted: Record<string, number> }>(
      'select * from agensight.forget_user($1, $2)',
      [user, within],
    );
  const maintain = () => database().query('select agensight.maintain()');

  /** The tables of both schemas that contain the words in any column. */
  async function tablesWith(words: string): Promise<string[]> {
    const tables = await database().query<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c where c.relkind in ('r', 'm', 'p')
       and c.relnamespace in ('agensight'::regnamespace, 'agensight_private'::regnamespace) order by 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const hits = await database().value<number>(
        `select count(*)::integer from ${name} t where position($1 in t::text) > 0`,
        [words],
      );
      if (hits > 0) found.push(name);
    }
    return found;
  }

  it("deletes the user's words from all tables, and leaves a receipt", async () => {
    const words = `word-${randomUUID()}`;
    await database().ingest(project, everything('t1', words, { trace: 'ada' }));
    await database().ingest(project, everything('t2', words, { session: 'ada' }));
    await maintain();
    // Before the erasure, every table with texts contains the words.
    expect(await tablesWith(words)).toEqual(
      expect.arrayContaining([
        'agensight.completions',
        'agensight.message_lists',
        'agensight.sessions',
        'agensight.spans',
        'agensight.tools',
        'agensight.traces',
      ]),
    );

    const [receipt] = await forget('ada');
    expect(receipt).toMatchObject({
      done: true,
      deleted: { sessions: 2, traces: 2, spans: 4, message_lists: 2, completions: 2, tools: 2 },
    });
    await maintain();
    expect(await tablesWith(words)).toEqual([]);
    expect(
      await database().query('select user_hash, deleted from agensight.erasures where id = $1', [
        receipt?.id,
      ]),
    ).toEqual([{ user_hash: sha256('ada'), deleted: receipt?.deleted }]);
  });

  it('changes no data of other users', async () => {
    await database().ingest(project, everything('mine', 'x', { trace: 'ada' }));
    await database().ingest(project, everything('theirs', 'x', { trace: 'bob' }));
    const elsewhere = await database().project();
    await database().ingest(elsewhere, everything('mine', 'x', { trace: 'ada' }));
    const kept = await database().rows('traces', elsewhere);
    await forget('ada');
    expect(await database().rows('traces', project)).toMatchObject([
      { id: 'theirs', span_count: 2, error_count: 2 },
    ]);
    expect(await database().rows('traces', elsewhere)).toEqual(kept);
    expect(await database().rows('sessions', project)).toMatchObject([{ id: 's-theirs' }]);
  });

  it("keeps other users' traces in a session of the user, without the session's name and metadata", async () => {
    await database().ingest(project, everything('t', 'x', { trace: 'bob', session: 'ada' }));
    expect((await forget('ada'))[0]).toMatchObject({ done: true, deleted: { redacted: 1 } });
    expect(await database().rows('sessions', project)).toMatchObject([
      { id: 's-t', user_id: null, name: null, metadata: null },
    ]);
    expect(await database().rows('traces', project)).toHaveLength(1);
  });

  it("erases late records that began before the request, not the user's later ones", async () => {
    await forget('ada');
    await database().ingest(project, everything('late', 'x', { trace: 'ada' }));
    await database().ingest(project, {
      traces: [
        { id: 'again', user_id: 'ada', started_at: new Date(Date.now() + 1000).toISOString() },
      ],
    });
    await maintain();
    expect(await database().rows('traces', project)).toMatchObject([{ id: 'again' }]);
  });

  it('keeps the id itself for 35 days only', async () => {
    await forget('ada');
    await database().query(
      "update agensight_private.erasures set requested_at = now() - interval '36 days' where project_id = $1",
      [project.id],
    );
    await maintain();
    expect(
      await database().query(
        'select user_id from agensight_private.erasures where project_id = $1',
        [project.id],
      ),
    ).toEqual([{ user_id: null }]);
  });

  it('is for owners, and covers all their projects when no project is given', async () => {
    const second = await database().project();
    const owner = await database().user(project, 'owner');
    await database().query(
      "insert into agensight.project_members (project_id, user_id, role) values ($1, $2, 'owner')",
      [second.id, owner],
    );
    const admin = await database().user(project, 'admin');
    const foreign = await database().project();
    for (const each of [project, second, foreign]) {
      await database().ingest(each, everything('t', 'x', { trace: 'ada' }));
    }
    const by = (user: string, sql: string, values: unknown[]) =>
      asCaller(
        database(),
        { role: 'authenticated', user },
        () => database().query(sql, values),
        'commit',
      );
    await expect(
      by(admin, 'select * from agensight.forget_user($1, $2)', ['ada', project.id]),
    ).rejects.toMatchObject({ code: 'PT403' });
    await expect(
      by(owner, 'select * from agensight.forget_user($1, $2)', ['ada', foreign.id]),
    ).rejects.toMatchObject({ code: 'PT403' });
    expect(await by(admin, "select * from agensight.forget_user('ada')", [])).toEqual([]);
    expect(await by(owner, "select * from agensight.forget_user('ada')", [])).toHaveLength(2);
    expect(await by(owner, 'select * from agensight.erasures', [])).toHaveLength(2);
    expect(await by(admin, 'select * from agensight.erasures', [])).toEqual([]);
    expect(await database().rows('traces', foreign)).toHaveLength(1);
    expect(await database().rows('traces', second)).toEqual([]);
  });

  it('requires a user id', async () => {
    await expect(forget('')).rejects.toMatchObject({ code: 'PT400' });
  });
});
