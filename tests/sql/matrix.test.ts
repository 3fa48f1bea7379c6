import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { asCaller, type Caller } from '../support/as-caller.ts';
import { onEachPostgres, type TestProject } from '../support/database.ts';

/** What each caller sees of A and B, and whether they may write: r(ead) A, R(ead) B, w(rite), - nothing, x refused. */
type Row = readonly [
  anon: string,
  memberA: string,
  adminA: string,
  memberB: string,
  service: string,
  reader: string,
  writer: string,
];

const RECORD: Row = ['-', 'A', 'A', 'B', 'AB', 'A', 'x'];
const OWNERS: Row = ['x', '-', '-', '-', 'AB', 'x', 'x'];
/** Of every table and view of the API with rows of a project. */
const READS: Record<string, Row> = {
  projects: RECORD,
  project_members: ['x', 'A', 'A', 'B', 'AB', 'x', 'x'],
  tokens: ['x', '-', 'A', '-', 'AB', 'x', 'x'],
  invitations: OWNERS,
  erasures: OWNERS,
};
const CALLERS = [
  'anon',
  'member of A',
  'admin of A',
  'member of B',
  'service_role',
  'read token of A',
  'write token of A',
] as const;

/** Functions of the API that write, and who may call them at all: what each of them refuses is tested elsewhere. */
const WRITERS: Record<string, string> = {
  'authenticated service_role':
    'create_project create_token revoke_token rotate_token set_retention set_masking rename_project delete_project set_member_role remove_member create_invitation accept_invitation revoke_invitation forget_user set_price',
  anon: 'current_token',
};

onEachPostgres('the access matrix', (database) => {
  let a: TestProject;
  let b: TestProject;
  let callers: Record<(typeof CALLERS)[number], Caller>;

  beforeAll(async () => {
    [a, b] = [await database().project('a'), await database().project('b')];
    const token = await database().value<string>(
      "select token from agensight.create_token($1, 'r', array['read'])",
      [a.id],
    );
    callers = {
      anon: { role: 'anon' },
      'member of A': { role: 'authenticated', user: await database().user(a) },
      'admin of A': { role: 'authenticated', user: await database().user(a, 'admin') },
      'member of B': { role: 'authenticated', user: await database().user(b) },
      service_role: { role: 'service_role' },
      'read token of A': { role: 'anon', token },
      'write token of A': { role: 'anon', token: a.token },
    };
    for (const project of [a, b]) {
      const at = new Date(Date.now() - 3_600_000).toISOString();
      const span = { trace_id: 't', name: 'n', started_at: at, ended_at: new Date().toISOString() };
      await database().ingest(project, {
        sdk: { process_id: 'p', created: 9, sent: 9, dropped: 2, name: 'x', version: '1' },
        sessions: [{ id: 's', user_id: 'u' }],
        traces: [
          { id: 't', session_id: 's', started_at: at, ended_at: at },
          { id: 'late', started_at: '1999-01-01T00:00:00Z' },
        ],
        spans: [
          { ...span, id: 'p', kind: 'llm', status: 'error', error: { type: 'E' } },
          { ...span, id: 'q', kind: 'tool' },
        ],
        prompts: [{ trace_id: 't', span_id: 'p', message_index: 0, content: 'hello' }],
        completions: [
          {
            trace_id: 't',
            span_id: 'p',
            completion_index: 0,
            model: 'nobody-knows',
            provider: 'none',
            total_tokens: 5,
            prompt_tokens: 3,
            completion_tokens: 2,
          },
        ],
        tools: [
          { trace_id: 't', id: 'c', span_id: 'p', name: 'search', started_at: at, ended_at: at },
        ],
      } as never);
      await database().query('select agensight.create_invitation($1)', [project.id]);
      await database().query("select * from agensight.forget_user('nobody', $1)", [project.id]);
      await database().query(
        `insert into agensight.prices (project_id, provider, model_patterns, source, source_date)
         select $1, provider, model_patterns, 'test', current_date from agensight.prices limit 1`,
        [project.id],
      );
    }
  });

  const relations = () =>
    database().query<{ name: string; column: string; is_view: boolean }>(
      `select c.relname as name, c.relkind = 'v' as is_view,
              case when c.relname = 'projects' then 'id' else 'project_id' end as column
       from pg_class c where c.relnamespace = 'agensight'::regnamespace and c.relkind in ('r', 'v', 'p', 'm') order by 1`,
    );

  /** Which of the two projects a caller sees there. */
  const seen = (caller: Caller, name: string, column: string) =>
    asCaller(database(), caller, () =>
      database().query<{ project: string }>(
        `select distinct ${column}::text as project from agensight.${name} where ${column} in ('${a.id}', '${b.id}')`,
      ),
    ).then(
      (rows) =>
        rows
          .map(({ project }) => (project === a.id ? 'A' : 'B'))
          .sort()
          .join('') || '-',
      (error) =>
        ['42501', 'PT401', 'PT403'].includes(error.code) ? 'x' : `error ${error.message}`,
    );

  it('holds for reading every table and view, also future ones', async () => {
    const got: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const { name, column } of await relations()) {
      const row = READS[name] ?? RECORD;
      for (const [index, who] of CALLERS.entries()) {
        got[`${name}: ${who}`] = await seen(callers[who], name, column);
        wanted[`${name}: ${who}`] = row[index] as string;
      }
    }
    // A view of recent errors may be empty for all callers.
    for (const { name } of await relations()) {
      if (got[`${name}: service_role`] === '-')
        throw new Error(`No caller sees a row of ${name}: add one above.`);
    }
    expect(got).toEqual(wanted);
  });

  describe.each(['insert', 'update', 'delete', 'truncate'])('for %s', (verb) => {
    it('refuses every client role on every table and view', async () => {
      for (const { name, column, is_view } of await relations()) {
        const sql = {
          insert: `insert into agensight.${name} (${column}) values ('${a.id}')`,
          update: `update agensight.${name} set ${column} = '${b.id}'`,
          delete: `delete from agensight.${name}`,
          truncate: `truncate agensight.${name}`,
        }[verb] as string;
        for (const who of CALLERS) {
          if (who === 'service_role' && verb !== 'truncate') continue;
          const answer = await asCaller(database(), callers[who], () => database().query(sql)).then(
            () => 'allowed',
            (error) => error.code,
          );
          // For a view that is not updatable, Postgres reports that first.
          const refused = is_view ? ['42501', '42809', '55000'] : ['42501'];
          expect(refused, `${verb} ${name}, ${who}`).toContain(answer);
        }
      }
    });
  });

  it('holds for calling every function: those that write are named here, the others follow the tables', async () => {
    const functions = await database().query<{ name: string; writes: boolean; callers: string }>(
      `select p.proname as name, p.provolatile = 'v' as writes,
              array_to_string(array(select r from unnest(array['anon', 'authenticated', 'service_role']) r
                                    where has_function_privilege(r, p.oid, 'execute') order by r), ' ') as callers
       from pg_proc p where p.pronamespace = 'agensight'::regnamespace order by 1`,
    );
    const expected = ({ name, writes }: { name: string; writes: boolean }) =>
      Object.entries(WRITERS).find(([, names]) => names.split(' ').includes(name))?.[0] ??
      (name === 'members'
        ? 'authenticated service_role'
        : writes || ['schema_version', 'audit_totals'].includes(name)
          ? 'service_role'
          : 'anon authenticated service_role');
    expect(functions.map((each) => `${each.name}: ${each.callers}`)).toEqual(
      functions.map((each) => `${each.name}: ${expected(each)}`),
    );
  });

  it("answers the same for another user's project and for none", async () => {
    for (const project of [b.id, randomUUID()]) {
      for (const call of ['create_token', 'delete_project', 'create_invitation']) {
        const error = await asCaller(database(), callers['admin of A'], () =>
          database().query(`select agensight.${call}($1)`, [project]),
        ).catch((reason) => reason);
        expect(error).toMatchObject({ code: 'PT403' });
      }
    }
  });
});
