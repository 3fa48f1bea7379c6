import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { Database, type TestProject } from '../support/database.ts';
import { createDatabase } from '../support/postgres.ts';
import { anyLists } from '../support/random-batches.ts';

/** The migration of the recipe "A total" in CONTRIBUTING.md, with a name that no real total takes. */
const COLUMNS = ['traces', 'sessions'].map(
  (table) =>
    `alter table agensight.${table} add column example_count integer not null default 0;
     comment on column agensight.${table}.example_count is 'Calls of tools.';`,
);
const ROW =
  "insert into agensight_private.totals (name, source, contribution) values ('example_count', 'tools', '1');";
const BUILD = 'select agensight_private.build_totals();';
const FILL = 'select agensight.repair_totals();';

/** A call that the model requested and a run of it, which are joined, and a run of another tool. */
const BATCH = {
  traces: [{ id: 't', session_id: 's' }],
  tools: [
    { trace_id: 't', id: 'call', name: 'search', arguments: { q: 1 } },
    { trace_id: 't', id: 'run', run_span_id: 'run', name: 'search', arguments: { q: 1 } },
    { trace_id: 't', id: 'other', run_span_id: 'other', name: 'read' },
  ],
};

describe.each([...inject('postgresServers')])('a total (Postgres $version)', ({ url }) => {
  const empty = async () => Database.open(await createDatabase(url));
  const migrate = (database: Database, ...sql: string[]) =>
    database.query(['begin;', ...sql, 'commit;'].join('\n'));
  const audit = (database: Database) => database.query('select * from agensight.audit_totals()');
  const counts = (database: Database, { id }: TestProject) =>
    database.query(
      `select t.example_count as trace, s.example_count as session
       from agensight.traces t join agensight.sessions s using (project_id) where project_id = $1`,
      [id],
    );

  it('is kept, audited and repaired after one migration that adds its columns and its row', async () => {
    const database = await empty();
    const project = await database.project();
    await database.ingest(project, BATCH);
    await migrate(database, ...COLUMNS, ROW, BUILD, FILL);
    expect(await counts(database, project)).toEqual([{ trace: 2, session: 2 }]);

    await database.ingest(project, { tools: [{ trace_id: 't', id: 'third', name: 'write' }] });
    expect(await counts(database, project)).toEqual([{ trace: 3, session: 3 }]);
    await database.query("delete from agensight.tools where id = 'third'");
    await database.ingest(project, { traces: [{ id: 'u', session_id: 's' }], spans: [] });
    expect(await counts(database, project)).toContainEqual({ trace: 2, session: 2 });
    expect(await audit(database)).toEqual([]);

    await database.query("update agensight.traces set example_count = 7 where id = 't'");
    expect(await audit(database)).toMatchObject([
      { kind: 'trace', id: 't', field: 'example_count', stored: '7', counted: '2' },
      { kind: 'session', id: 's', field: 'example_count', stored: '7', counted: '2' },
    ]);
    await database.query(FILL);
    expect(await counts(database, project)).toContainEqual({ trace: 2, session: 2 });
    expect(await audit(database)).toEqual([]);
    await database.close();
  });

  it('is right after batches that repeat, contradict and split each other', async () => {
    const database = await empty();
    await migrate(database, ...COLUMNS, ROW, BUILD, FILL);
    await fc.assert(
      fc.asyncProperty(fc.array(anyLists, { minLength: 1, maxLength: 3 }), async (batches) => {
        const project = await database.project();
        for (const lists of [...batches, ...batches.toReversed()]) {
          await database.ingest(project, lists);
        }
        expect(
          await database.query('select * from agensight.audit_totals($1)', [project.id]),
        ).toEqual([]);
      }),
      { numRuns: 15 },
    );
    await database.close();
  });

  it.each([
    ['no column', [ROW], /sessions\.example_count/],
    ['no column of sessions', [COLUMNS[0] ?? '', ROW], /differ: sessions\.example_count/],
    ['no row', COLUMNS, /traces\.example_count/],
  ])('is refused by build_totals() when it has %s', async (_, parts, message) => {
    const database = await empty();
    await expect(migrate(database, ...parts, BUILD)).rejects.toThrow(message);
    await database.close();
  });

  it('has in the migrations all that build_totals() makes from the list', async () => {
    const database = await empty();
    const made = () =>
      database.query(
        `select pg_get_functiondef(oid) as definition from pg_proc
         where pronamespace = 'agensight_private'::regnamespace and prokind = 'f'
         union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
         union all select attname || ' ' || atttypid::regtype from pg_attribute
         where attrelid = 'agensight_private.change'::regclass order by 1`,
      );
    const before = await made();
    expect(before.length).toBeGreaterThan(100);
    await database.query(BUILD);
    expect(await made()).toEqual(before);
    await database.close();
  });
});
