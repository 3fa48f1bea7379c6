import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RECORDS } from '../../wire/records.ts';
import { type Database, onEachPostgres, type TestProject } from '../support/database.ts';
import { anyLists } from '../support/random-batches.ts';

/** The migration of the recipe "A column of a record" in CONTRIBUTING.md. */
const ADD_A_COLUMN = `
  begin;
  alter table agensight.spans add column environment text;
  comment on column agensight.spans.environment is 'Where it ran.';
  select agensight_private.build_writer('agensight.spans', array['trace_id', 'id']);
  commit;
`;

/** Every field that a record may have, of every row of a project. */
async function records(database: Database, { id }: TestProject): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {};
  for (const { table, fields, key } of Object.values(RECORDS)) {
    tables[table] = await database.query(
      `select ${Object.keys(fields).join(', ')} from agensight.${table} t where project_id = $1
       order by ${key.map((column) => `${column}::text collate "C"`).join(', ')}`,
      [id],
    );
  }
  return tables;
}

onEachPostgres('a database full of data', (database) => {
  it('keeps it through a later migration, and takes the new column', async () => {
    const projects: TestProject[] = [];
    // Few ids, so that records are merged, and several projects, so that some are not.
    for (const [seed, batches] of [1, 3, 8, 20].entries()) {
      const project = await database().project(`project ${seed}`);
      projects.push(project);
      for (const lists of fc.sample(anyLists, { numRuns: batches, seed })) {
        await database().ingest(project, lists);
      }
    }
    const batchId = '0193b6ad-1c2f-7c3a-9d47-000000000001';
    const [first] = projects as [TestProject];
    await database().ingest(first, { spans: [{ trace_id: 'before', id: 'p' }] }, batchId);
    const before = await Promise.all(projects.map((project) => records(database(), project)));

    await database().query(ADD_A_COLUMN);
    await database().query('discard plans');

    expect(await Promise.all(projects.map((project) => records(database(), project)))).toEqual(
      before,
    );
    // A batch that was stored before is still known; a token that was made before still writes.
    const span = { trace_id: 'before', id: 'p', environment: 'staging' };
    expect(await database().ingest(first, { spans: [span] }, batchId)).toMatchObject({
      repeated: true,
    });
    await database().ingest(first, { spans: [span] });
    expect(
      await database().query(
        'select id, environment from agensight.spans where environment is not null',
      ),
    ).toEqual([{ id: 'p', environment: 'staging' }]);
    expect(await database().query('select * from agensight.audit_totals()')).toEqual([]);
    expect(await database().value('select (agensight.maintain()) ->> $1', ['done'])).toBe('true');
  });
});
