import { beforeAll, expect, it } from 'vitest';
import { asCaller, type Caller } from '../support/as-caller.ts';
import { onEachPostgres, type TestProject } from '../support/database.ts';

const TABLES = ['sessions', 'traces', 'spans', 'message_lists', 'completions', 'tools', 'receipts'];
/** The tables, and the view of one of them. */
const READABLE = [...TABLES, 'prompts'];

onEachPostgres('access', (database) => {
  let a: TestProject;
  let b: TestProject;
  let memberOfA: string;
  let adminOfA: string;
  let stranger: string;

  beforeAll(async () => {
    [a, b] = [await database().project('a'), await database().project('b')];
    memberOfA = await database().user(a);
    adminOfA = await database().user(a, 'admin');
    await database().user(b, 'owner');
    stranger = await database().value('insert into auth.users default values returning id');
    for (const project of [a, b]) {
      await database().ingest(project, {
        sessions: [{ id: 's' }],
        traces: [{ id: 't' }],
        spans: [{ trace_id: 't', id: 'p' }],
        prompts: [{ trace_id: 't', span_id: 'p', message_index: 0 }],
        completions: [{ trace_id: 't', span_id: 'p', completion_index: 0 }],
        tools: [{ trace_id: 't', id: 'c' }],
      });
    }
  });

  const as = <T>(role: Caller['role'], user: string | null, work: () => Promise<T>) =>
    asCaller(database(), { role, ...(user ? { user } : {}) }, work);

  it.each(READABLE)(
    'a member reads %s of the own project and nothing of another',
    async (table) => {
      const seen = await as('authenticated', memberOfA, () =>
        database().query(`select distinct project_id from agensight.${table}`),
      );
      expect(seen).toEqual([{ project_id: a.id }]);
      const foreign = await as('authenticated', memberOfA, () =>
        database().query(`select * from agensight.${table} where project_id = $1`, [b.id]),
      );
      expect(foreign).toEqual([]);
    },
  );

  it('a member sees the own project and who shares it, nothing of others', async () => {
    await as('authenticated', memberOfA, async () => {
      expect(await database().query('select id from agensight.projects')).toEqual([{ id: a.id }]);
      expect(
        await database().query('select distinct project_id from agensight.project_members'),
      ).toEqual([{ project_id: a.id }]);
      expect(await database().query('select * from agensight.tokens')).toEqual([]);
    });
  });

  it('an admin sees the tokens of the own project, without hashes', async () => {
    await as('authenticated', adminOfA, async () => {
      const tokens = await database().query('select * from agensight.tokens');
      expect(tokens).toMatchObject([{ project_id: a.id, prefix: a.token.slice(0, 12) }]);
      expect(JSON.stringify(tokens)).not.toContain(a.tokenHash);
    });
  });

  it.each([...READABLE, 'projects', 'project_members', 'tokens'])(
    'a signed-in stranger sees no row of %s',
    async (table) => {
      expect(
        await as('authenticated', stranger, () =>
          database().query(`select * from agensight.${table}`),
        ),
      ).toEqual([]);
    },
  );

  it.each([...READABLE, 'projects'])('anon sees no row of %s', async (table) => {
    expect(
      await as('anon', null, () => database().query(`select * from agensight.${table}`)),
    ).toEqual([]);
  });

  it.each(['project_members', 'tokens', 'invitations'])(
    'anon may not even ask for %s',
    async (table) => {
      await expect(
        as('anon', null, () => database().query(`select * from agensight.${table}`)),
      ).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each([
    [
      'anon',
      'ingest',
      () => database().query('select agensight.ingest($1, $2)', [a.tokenHash, '{}']),
    ],
    [
      'authenticated',
      'ingest',
      () => database().query('select agensight.ingest($1, $2)', [a.tokenHash, '{}']),
    ],
    [
      'anon',
      'authenticate',
      () => database().query('select agensight.authenticate($1)', [a.tokenHash]),
    ],
    [
      'authenticated',
      'authenticate',
      () => database().query('select agensight.authenticate($1)', [a.tokenHash]),
    ],
    [
      'authenticated',
      'ingest_by_span',
      () => database().query('select agensight.ingest_by_span($1, $2)', [a.tokenHash, '{}']),
    ],
    [
      'authenticated',
      'schema_version',
      () => database().query('select agensight.schema_version()'),
    ],
    ['anon', 'create_project', () => database().query("select agensight.create_project('x')")],
  ] as const)('%s may not call %s()', async (role, _, call) => {
    await expect(as(role, memberOfA, call)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(TABLES)('a member may not write %s', async (table) => {
    await expect(
      as('authenticated', adminOfA, () => database().query(`delete from agensight.${table}`)),
    ).rejects.toMatchObject({ code: '42501' });
  });

  it.each(['spans', 'prompts', 'completions', 'tools', 'session'])(
    'a member gets no %s of another project by naming its trace',
    async (relationship) => {
      const call = (project: TestProject) =>
        as('authenticated', memberOfA, () =>
          database().query(
            `select * from agensight.${relationship}(jsonb_populate_record(null::agensight.traces, $1))`,
            [JSON.stringify({ project_id: project.id, id: 't', session_id: 's' })],
          ),
        );
      expect(await call(b)).toEqual([]);
      expect(await call(a)).toHaveLength(1);
    },
  );

  it('a token writes only its own project, whatever the batch claims', async () => {
    await as('service_role', null, () =>
      database().ingest(a, { traces: [{ id: 'claimed', project_id: b.id } as object] }),
    );
    expect(
      await database().query(
        "select 1 from agensight.traces where id = 'claimed' and project_id = $1",
        [b.id],
      ),
    ).toEqual([]);
  });

  it.each([
    ['a viewer', () => memberOfA],
    ['a stranger', () => stranger],
  ])('%s may not make, rotate or revoke a token', async (_, user) => {
    const token = await database().value(
      'select id from agensight_private.tokens where project_id = $1',
      [a.id],
    );
    for (const [sql, value] of [
      ['select agensight.create_token($1)', a.id],
      ['select agensight.rotate_token($1)', token],
      ['select agensight.revoke_token($1)', token],
    ]) {
      await expect(
        as('authenticated', user(), () => database().query(sql as string, [value])),
      ).rejects.toMatchObject({ code: 'PT403' });
    }
  });

  it('an admin makes tokens for the own project only', async () => {
    const [made] = await as('authenticated', adminOfA, () =>
      database().query<{ token: string; prefix: string }>(
        "select * from agensight.create_token($1, 'ci')",
        [a.id],
      ),
    );
    expect(made?.token).toMatch(/^agn_[0-9a-f]{64}$/);
    expect(made?.prefix).toBe(made?.token.slice(0, 12));
    await expect(
      as('authenticated', adminOfA, () =>
        database().query('select agensight.create_token($1)', [b.id]),
      ),
    ).rejects.toMatchObject({ code: 'PT403' });
  });

  it('a signed-in user owns the project that they make', async () => {
    await as('authenticated', stranger, async () => {
      await database().query("select agensight.create_project('mine')");
      expect(await database().query('select role from agensight.project_members')).toEqual([
        { role: 'owner' },
      ]);
    });
  });
});
