import { createClient } from '@supabase/supabase-js';
import { beforeAll, describe, expect, it } from 'vitest';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { asCaller } from '../support/as-caller.ts';
import { onEachPostgres, type TestProject } from '../support/database.ts';
import { onEachStack } from '../support/stack.ts';

const LISTS = {
  sessions: [{ id: 's' }],
  traces: [{ id: 't', session_id: 's' }],
  spans: [{ trace_id: 't', id: 'p' }],
  prompts: [{ trace_id: 't', span_id: 'p', message_index: 0 }],
  completions: [{ trace_id: 't', span_id: 'p', completion_index: 0 }],
  tools: [{ trace_id: 't', id: 'c' }],
};
const TABLES = [...Object.keys(LISTS), 'receipts'];

onEachPostgres('read tokens', (database) => {
  let a: TestProject;
  let b: TestProject;
  let reader: string;

  beforeAll(async () => {
    [a, b] = [await database().project('a'), await database().project('b')];
    for (const project of [a, b]) await database().ingest(project, LISTS);
    reader = await newToken("array['read']");
  });

  const newToken = (scopes: string, project = a) =>
    database().value<string>(`select token from agensight.create_token($1, 'machine', ${scopes})`, [
      project.id,
    ]);
  const withToken = <T>(token: string | undefined, work: () => Promise<T>) =>
    asCaller(database(), { role: 'anon', ...(token ? { token } : {}) }, work, 'commit');

  it.each(TABLES)('open %s of their own project and of no other', async (table) => {
    const seen = await withToken(reader, () =>
      database().query(`select distinct project_id from agensight.${table}`),
    );
    expect(seen).toEqual([{ project_id: a.id }]);
    expect(
      await withToken(reader, () =>
        database().query(`select * from agensight.${table} where project_id = $1`, [b.id]),
      ),
    ).toEqual([]);
  });

  it('open the relationships that embedding goes through', async () => {
    expect(
      await withToken(reader, () =>
        database().query(
          'select s.id from agensight.traces t cross join lateral agensight.spans(t) s',
        ),
      ),
    ).toEqual([{ id: 'p' }]);
  });

  it('are looked up once per statement, and their project is a condition of the index', async () => {
    const plan = await withToken(reader, async () => {
      await database().query('set local enable_seqscan = off');
      const rows = await database().query<{ 'QUERY PLAN': string }>(
        'explain (costs off) select * from agensight.spans',
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toMatch(/Index Cond: \(project_id = ANY \(\(?(InitPlan 1|\$0)/);
  });

  it.each([
    ['unknown', async () => `agn_${'0'.repeat(64)}`, 'PT401'],
    ['not a token at all', async () => 'x', 'PT401'],
    ['only for writing', async () => a.token, 'PT403'],
    [
      'revoked',
      async () => {
        const token = await newToken("array['read']");
        await database().query(
          'select agensight.revoke_token(id) from agensight_private.tokens where hash = sha256($1)',
          [Buffer.from(token)],
        );
        return token;
      },
      'PT401',
    ],
    ['expired', () => newToken("array['read'], now() - interval '1 second'"), 'PT401'],
  ])('are refused with a clear error when %s', async (_, token, code) => {
    const sent = await token();
    await expect(
      withToken(sent, () => database().query('select * from agensight.traces')),
    ).rejects.toMatchObject({ code });
    await expect(
      withToken(sent, () => database().query('select agensight.current_token()')),
    ).rejects.toMatchObject({ code });
  });

  it('describe their scope, and record their use at most once a minute', async () => {
    const token = await newToken("array['read', 'ingest']");
    const current = () =>
      withToken(token, () =>
        database().value<Record<string, unknown>>('select agensight.current_token()'),
      );
    const usedAt = () =>
      database().value<Date | null>(
        'select last_used_at from agensight_private.tokens where hash = sha256($1)',
        [Buffer.from(token)],
      );
    expect(await usedAt()).toBeNull();
    expect(await current()).toMatchObject({
      project_id: a.id,
      name: 'machine',
      scopes: ['read', 'ingest'],
      expires_at: null,
    });
    const first = await usedAt();
    expect(first).toBeInstanceOf(Date);
    await current();
    expect(await usedAt()).toEqual(first);
    expect(token).not.toBe(reader);
  });

  it('write nothing and manage nothing', async () => {
    for (const sql of [
      'delete from agensight.spans',
      "insert into agensight.traces (project_id, id) values (gen_random_uuid(), 'x')",
      `select agensight.create_token('${a.id}')`,
      "select agensight.create_project('x')",
      'select agensight.maintain()',
      'select * from agensight.tokens',
      'select * from agensight.project_members',
    ]) {
      await expect(withToken(reader, () => database().query(sql))).rejects.toMatchObject({
        code: '42501',
      });
    }
  });

  it('give no rows to a caller without a token', async () => {
    for (const table of [...TABLES, 'projects']) {
      expect(
        await withToken(undefined, () => database().query(`select * from agensight.${table}`)),
      ).toEqual([]);
    }
  });

  it('rotate with an overlap in which both read', async () => {
    const old = await newToken("array['read']");
    const id = await database().value(
      'select id from agensight_private.tokens where hash = sha256($1)',
      [Buffer.from(old)],
    );
    const next = await database().value<string>('select token from agensight.rotate_token($1)', [
      id,
    ]);
    for (const token of [old, next]) {
      expect(
        await withToken(token, () => database().query('select id from agensight.traces')),
      ).toEqual([{ id: 't' }]);
    }
  });
});

describe('a machine that only reads', () => {
  onEachStack('through supabase-js', (stack) => {
    it('needs the publishable key and one header', async () => {
      const { env, surface, projectId } = stack().stack;
      const answer = await stack().post(
        '/v1/batch',
        JSON.stringify({ batch_id: crypto.randomUUID(), ...LISTS }),
      );
      expect(answer.status).toBe(200);
      const [row] = await surface.query<{ token: string }>(
        "select token from agensight.create_token($1, 'reader', array['read'])",
        [projectId],
      );
      const client = (headers: Record<string, string>) =>
        createClient(env.SUPABASE_URL, env.SUPABASE_PUBLISHABLE_KEY, {
          db: { schema: DATABASE_SCHEMA },
          auth: { persistSession: false, autoRefreshToken: false },
          global: { headers },
        });

      // This surface hands a request's headers to functions alone; hosted PostgREST does so for tables
      // as well. What tables then answer is tested above.
      const current = (headers: Record<string, string>) => client(headers).rpc('current_token');
      expect((await current({ 'x-agensight-token': row?.token ?? '' })).data).toMatchObject({
        project_id: projectId,
        scopes: ['read'],
      });
      expect((await current({})).error?.code).toBe('PT401');
      expect((await current({ 'x-agensight-token': 'agn_wrong' })).error?.code).toBe('PT401');
      expect((await current({ 'x-agensight-token': stack().token })).error?.code).toBe('PT403');
      expect((await client({}).from('traces').select('id')).data).toEqual([]);
    });
  });
});
