/**
 * `npm run export -- --database-url <url> --project <id> [--format jsonl|csv] [--folder <path>]`
 *
 * Writes all rows of a project to files, one per table, by COPY from one snapshot of the database.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** `jsonl`: one JSON object per line. `csv`: RFC 4180 with a header. Both in UTF-8, times in UTC. */
export type ExportFormat = 'jsonl' | 'csv';

export interface ExportOptions {
  /** URL with the owner of the tables, or another role that may read all rows. */
  databaseUrl: string;
  projectId: string;
  format: ExportFormat;
  /** Created when missing; existing files are overwritten. */
  folder: string;
}

/** The tables that have rows of a project, found by their columns, so that new tables are included. */
const TABLES = `
  select c.relname as name,
         case when c.relname = 'projects' then 'id' else 'project_id' end as project,
         array(select format('%I', a.attname) from pg_attribute a
               join pg_index i on i.indrelid = c.oid and i.indisprimary and a.attnum = any (i.indkey)
               where a.attrelid = c.oid order by array_position(i.indkey::int2[], a.attnum)) as key
  from pg_class c
  where c.relnamespace = 'agensight'::regnamespace and c.relkind = 'r'
    and (c.relname = 'projects' or exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'project_id' and not a.attisdropped))
  order by 1`;

/** For `jsonl`, quote and delimiter are characters that JSON never contains, so COPY escapes nothing. */
const FORMATS: Record<ExportFormat, string> = {
  jsonl: `(format csv, quote e'\\x01', delimiter e'\\x02')`,
  csv: '(format csv, header)',
};

/**
 * Exports a project from one snapshot: rows that are stored meanwhile are not included.
 *
 * @returns the number of rows per table
 * @throws Error when the project does not exist or the database cannot be read
 */
export async function exportProject(options: ExportOptions): Promise<Record<string, number>> {
  const client = new pg.Client(options.databaseUrl);
  await client.connect();
  try {
    await client.query("set timezone to 'UTC'");
    await client.query('begin isolation level repeatable read read only');
    const known = await client.query('select from agensight.projects where id = $1', [
      options.projectId,
    ]);
    if (known.rowCount === 0) throw new Error(`The project ${options.projectId} does not exist.`);
    await mkdir(options.folder, { recursive: true });
    const tables = await client.query<{ name: string; project: string; key: string[] }>(TABLES);
    const counts: Record<string, number> = {};
    for (const { name, project, key } of tables.rows) {
      const columns = options.format === 'jsonl' ? 'to_jsonb(t)' : 't.*';
      const copy = client.query(
        copyTo(
          `copy (select ${columns} from agensight.${name} t where t.${project} = '${options.projectId}'
           order by ${key.map((column) => `t.${column}`).join(', ')}) to stdout ${FORMATS[options.format]}`,
        ),
      );
      await pipeline(copy, createWriteStream(join(options.folder, `${name}.${options.format}`)));
      counts[name] = copy.rowCount ?? 0;
    }
    await client.query('commit');
    return counts;
  } finally {
    await client.end();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      project: { type: 'string' },
      format: { type: 'string', default: 'jsonl' },
      folder: { type: 'string' },
      'database-url': { type: 'string' },
    },
  });
  const { project, format, 'database-url': databaseUrl } = values;
  if (!project || !/^[0-9a-f-]{36}$/i.test(project))
    throw new Error('--project must be the id of a project.');
  if (format !== 'jsonl' && format !== 'csv') throw new Error('--format must be jsonl or csv.');
  if (!databaseUrl) throw new Error('--database-url must be the URL of the database.');
  const folder = values.folder ?? `export-${project}`;
  const counts = await exportProject({ databaseUrl, projectId: project, format, folder });
  for (const [table, count] of Object.entries(counts)) console.log(`${table}: ${count}`);
  console.log(`Wrote the files to ${folder}.`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
