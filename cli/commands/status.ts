import { statSync } from 'node:fs';
import * as z from 'zod/mini';
import { TABLES } from '../../wire/protocol.ts';
import type { TableName } from '../../wire/records.ts';
import { openLocalFile } from '../records/local-file.ts';
import { readSpool, type SpoolStatus } from '../records/spool-status.ts';
import { wireTime } from '../records/wire-record.ts';
import { findProject } from '../remote/projects.ts';
import { openRest, type Rest } from '../remote/rest.ts';
import { defineCommand } from '../shell/command.ts';
import { CliError } from '../shell/errors.ts';
import type { Output } from '../shell/output.ts';
import { FILE_OPTIONS, READ_OPTIONS, type Settings } from '../shell/settings.ts';
import { plain } from '../shell/terminal-text.ts';

type Counts = Record<TableName, number>;

/** One place that stores records. */
interface Place {
  readonly where: string;
  readonly counts: Counts;
  /** Start of the newest trace, by the clock of the program that recorded it. */
  readonly last_trace_at: string | null;
}

interface LocalPlace extends Place {
  readonly bytes: number;
}

interface CloudPlace extends Place {
  readonly project_id: string;
  /** When the last batch was stored, by the clock of the database. */
  readonly last_batch_at: string | null;
}

export const status = defineCommand({
  name: 'status',
  summary: 'count the records in the local file, in the spool and in the cloud',
  args: '',
  maxArgs: 0,
  help: `
Counts the records of the SQLite file of mode local, of the spool (records that
programs could not send yet and send at their next start), and of the project in
the cloud. Places that do not exist or are not configured are left out. Counts of
large tables in the cloud are Postgres' estimates.`,
  options: {
    ...FILE_OPTIONS,
    spool: {
      type: 'string',
      value: 'DIR',
      help: 'spool folder (AGENSIGHT_SPOOL; default .agensight/spool)',
    },
    ...READ_OPTIONS,
  },
  run: async ({ values, settings, out }) => {
    const rest = openRest(settings);
    const local = readLocal(settings);
    const spool = readSpool(spoolFolder(settings));
    const cloud = rest ? await readCloud(rest, settings) : null;
    if (values.json) {
      await out.print(JSON.stringify({ local, spool, cloud }));
      return true;
    }
    for (const line of describe(local, spool, cloud, out)) await out.print(line);
    return true;
  },
});

/** For the SDK, `AGENSIGHT_SPOOL` may also be a boolean. */
function spoolFolder({ spool }: Settings): string {
  return /^(true|false|1|0)$/i.test(spool.value) ? '.agensight/spool' : spool.value;
}

function readLocal({ file }: Settings): LocalPlace | null {
  const bytes = statSync(file.value, { throwIfNoEntry: false })?.size;
  if (bytes === undefined) {
    if (file.from === '--file') {
      throw new CliError(`the file ${file.value} does not exist`, { code: 'AGENSIGHT_CLI_FILE' });
    }
    return null;
  }
  const database = openLocalFile(file);
  const single = (sql: string): unknown => database.prepare(sql).get()?.value;
  const count = (table: string) => Number(single(`SELECT count(*) AS value FROM ${table}`));
  const last = single('SELECT max(started_at) AS value FROM traces');
  return {
    where: file.value,
    bytes,
    counts: Object.fromEntries(TABLES.map((table) => [table, count(table)])) as Counts,
    last_trace_at: typeof last === 'string' ? last : null,
  };
}

async function readCloud(rest: Rest, settings: Settings): Promise<CloudPlace> {
  const project = await findProject(rest, settings);
  const ofProject = { project_id: `eq.${project.id}` };
  const newest = async (table: string, column: string): Promise<string | null> => {
    const query = { ...ofProject, select: column, order: `${column}.desc.nullslast`, limit: 1 };
    const [row] = await rest.rows(table, query, z.record(z.string(), z.nullable(z.string())));
    const at = row?.[column];
    return at ? wireTime(at) : null;
  };
  const counted = TABLES.map(async (table) => [table, await rest.count(table, ofProject)]);
  return {
    where: `project '${project.name}' at ${rest.url.origin}`,
    project_id: project.id,
    counts: Object.fromEntries(await Promise.all(counted)) as Counts,
    last_trace_at: await newest('traces', 'started_at'),
    last_batch_at: await newest('receipts', 'received_at'),
  };
}

function* describe(
  local: LocalPlace | null,
  spool: SpoolStatus | null,
  cloud: CloudPlace | null,
  { style }: Output,
): Generator<string> {
  const places = [local, cloud].filter((place) => place !== null);
  const heads = places.map((place) => (place === local ? 'local' : 'cloud'));
  const columns = (cells: readonly string[]): string =>
    cells.map((cell) => cell.padStart(12)).join('');
  if (places.length > 0) yield style('bold', `${' '.repeat(12)}${columns(heads)}`);
  for (const table of places.length > 0 ? TABLES : []) {
    const cells = places.map(({ counts }) => counts[table].toLocaleString('en-US'));
    yield `${table.padEnd(12)}${columns(cells)}`;
  }
  yield local
    ? `local        ${plain(local.where)}, ${local.bytes} bytes, last trace ${local.last_trace_at ?? '–'}`
    : 'local        no file';
  yield spool
    ? `spool        ${plain(spool.folder)}, ${spool.records} records in ${spool.files} files`
    : 'spool        no folder';
  yield cloud
    ? `cloud        ${plain(cloud.where)}, last trace ${cloud.last_trace_at ?? '–'}, last batch ${cloud.last_batch_at ?? '–'}`
    : 'cloud        not configured: set SUPABASE_URL and SUPABASE_SECRET_KEY';
}
