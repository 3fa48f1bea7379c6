import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { from as copyFrom } from 'pg-copy-streams';
import { beforeAll, expect, inject, it } from 'vitest';
import { type ExportFormat, exportProject } from '../../local/export.ts';
import { Database, onEachPostgres, type TestProject } from '../support/database.ts';
import { createDatabase } from '../support/postgres.ts';

const HARD = 'a "quoted" \\back\\slash\\n, comma\nnewline\r\ttab € 😀 \u0001\u0002';
const script = new URL('../../local/export.ts', import.meta.url).pathname;

onEachPostgres('an export', (database) => {
  let project: TestProject;

  beforeAll(async () => {
    await database().ingest(await database().project('other'), { traces: [{ id: 'not this' }] });
    project = await database().project(HARD.slice(0, 20));
    await database().ingest(project, {
      sessions: [{ id: 's', name: HARD, metadata: { [HARD]: [HARD, null, 1.5, true] } }],
      traces: [
        {
          id: 't',
          session_id: 's',
          tags: [HARD, 'b,c'],
          started_at: '2026-01-02T03:04:05.123456Z',
        },
      ],
      spans: Array.from({ length: 500 }, (_, i) => ({
        trace_id: 't',
        id: `p${i}`,
        input: { i, HARD },
      })),
      prompts: [{ trace_id: 't', span_id: 'p0', message_index: 3, content: HARD }],
      completions: [
        { trace_id: 't', span_id: 'p0', completion_index: 0, content: '', total_tokens: 5 },
      ],
      tools: [{ trace_id: 't', id: 'c', name: HARD, arguments: HARD }],
    });
  });

  const tables = async (of: Database) =>
    (
      await of.query<{ name: string }>(
        `select table_name as name from information_schema.columns join information_schema.tables using (table_schema, table_name)
         where table_schema = 'agensight' and table_type = 'BASE TABLE' and column_name = 'project_id' order by 1`,
      )
    ).map(({ name }) => name);
  const rowsOf = (of: Database, table: string, column = 'project_id') =>
    of.query(
      `select to_jsonb(t) as row from agensight.${table} t where ${column} = $1 order by 1`,
      [project.id],
    );

  it.each(['jsonl', 'csv'] as ExportFormat[])(
    'as %s holds every row of the project, and they can be put into another database',
    async (format) => {
      const folder = await mkdtemp(join(tmpdir(), 'agensight-export-'));
      const counts = await exportProject({
        databaseUrl: database().url,
        projectId: project.id,
        format,
        folder,
      });
      const names = await tables(database());
      expect((await readdir(folder)).sort()).toEqual(
        ['projects', ...names].map((name) => `${name}.${format}`).sort(),
      );
      expect(counts).toMatchObject({
        projects: 1,
        sessions: 1,
        traces: 1,
        spans: 500,
        message_lists: 1,
        tools: 1,
      });

      const server = inject('postgresServers').find(
        ({ url }) => new URL(url).port === new URL(database().url).port,
      );
      const other = await Database.open(await createDatabase(server?.url ?? ''));
      // The files already contain the totals, which triggers would add again.
      await other.query('set session_replication_role = replica');
      for (const table of ['projects', ...names]) {
        const text = await readFile(join(folder, `${table}.${format}`), 'utf8');
        if (format === 'csv') {
          await other.query(
            `delete from agensight.${table} where ${table === 'projects' ? 'id' : 'project_id'} = '${project.id}'`,
          );
          await pipeline(
            [text],
            other.client.query(copyFrom(`copy agensight.${table} from stdin (format csv, header)`)),
          );
        } else {
          for (const line of text.split('\n').filter(Boolean)) {
            await other.query(
              `insert into agensight.${table} select * from jsonb_populate_record(null::agensight.${table}, $1)`,
              [line],
            );
          }
        }
        const key = table === 'projects' ? 'id' : 'project_id';
        expect(await rowsOf(other, table, key)).toEqual(await rowsOf(database(), table, key));
      }
      await other.close();
    },
  );

  it('of an unknown project fails with a message', async () => {
    const failed = promisify(execFile)(process.execPath, [
      script,
      '--project=00000000-0000-4000-8000-000000000000',
      `--database-url=${database().url}`,
    ]);
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not exist'),
    });
  });

  it.each([
    [['--project=x'], '--project must be'],
    [['--project=00000000-0000-4000-8000-000000000000', '--format=xml'], '--format must be'],
  ])('with invalid arguments %j reports the error', async (args, message) => {
    await expect(promisify(execFile)(process.execPath, [script, ...args])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining(message),
    });
  });
});
