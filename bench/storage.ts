/** `ingest()` through supabase-js compared with upserts, and on a direct connection compared with COPY. */
import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createClient } from '@supabase/supabase-js';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { openDemoProject } from '../local/demo-project.ts';
import { migrate } from '../local/migrate.ts';
import { startPostgres } from '../tests/support/postgres.ts';
import type { RecordKind } from '../wire/protocol.ts';
import { DATABASE_SCHEMA } from '../wire/protocol.ts';
import type { Batch, FieldType, RecordLists, RecordOf, TableName } from '../wire/records.ts';
import { RECORDS } from '../wire/records.ts';
import { type Figure, median, printFigures, timed } from './measure.ts';
import { benchMessages } from './messages.ts';
import { rowsOf, SpanSource } from './spans.ts';
import { startSurfaceProcess } from './surface-process.ts';

const SIZES = [1, 10, 100, 500];
const ROUNDS: Record<number, number> = { 1: 60, 10: 40, 100: 30, 500: 25 };
const TABLES = Object.values(RECORDS);

/** A table for prompts with one row per message and call, as upserts without ingest() would need it. */
const PLAIN_PROMPTS = 'plain_prompts';
const PROMPTS_KEY = ['project_id', ...RECORDS.prompt.key].join(', ');

export async function benchStorage(): Promise<void> {
  const server = await startPostgres(18, [
    ...['-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'shared_buffers=256MB'],
    ...['-c', 'max_wal_size=4GB', '-c', 'random_page_cost=1.1'],
  ]);
  await migrate(server.url);
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`
    create table agensight.${PLAIN_PROMPTS} (like agensight.prompts, primary key (${PROMPTS_KEY}));
    grant all on agensight.${PLAIN_PROMPTS} to service_role;
    create function agensight.echo(token_hash text, batch jsonb) returns integer language sql as 'select 1'`);
  const surface = await startSurfaceProcess(server.url);
  try {
    const project = await openDemoProject(
      { query: async (sql, values) => (await client.query(sql, [...(values ?? [])])).rows },
      undefined,
    );
    const tokenHash = createHash('sha256').update(project.token).digest('hex');
    const supabase = createClient(surface.url, surface.keys.secret, {
      db: { schema: DATABASE_SCHEMA },
      auth: { persistSession: false, autoRefreshToken: false },
    });
    const source = new SpanSource();

    const rpc = async (batch: Batch) => {
      const { error } = await supabase.rpc('ingest', { token_hash: tokenHash, batch });
      if (error) throw error;
    };
    const upsert = async (table: TableName, key: readonly string[], rows: readonly object[]) => {
      if (rows.length === 0) return;
      const owned = rows.map((row) => ({ project_id: project.id, ...row }));
      const { error } = await supabase
        .from(table === 'prompts' ? PLAIN_PROMPTS : table)
        .upsert(owned, { onConflict: ['project_id', ...key].join(',') });
      if (error) throw error;
    };
    /** A call that stores nothing: the cost of the API for the body alone, a lower bound. */
    const echo = async (batch: Batch) => {
      const { error } = await supabase.rpc('echo', { token_hash: tokenHash, batch });
      if (error) throw error;
    };
    const sixUpserts = async (batch: Batch) => {
      for (const { table, key } of TABLES) await upsert(table, key, batch[table] ?? []);
    };
    const perRow = async (batch: Batch) => {
      for (const { table, key } of TABLES) {
        for (const row of batch[table] ?? []) await upsert(table, key, [row]);
      }
    };

    const figures: Figure[] = [];
    /** Milliseconds of six upserts, and of a call that stores nothing, by size. */
    const atLeast = new Map<number, { six: number; none: number }>();
    for (let i = 0; i < 5; i++) {
      await rpc(source.batch(50));
      await sixUpserts(source.batch(50));
    }
    // Autovacuum would analyze within a minute; until then plans are those of empty tables.
    await client.query('analyze');
    for (const size of SIZES) {
      const times = { rpc: [] as number[], six: [] as number[], none: [] as number[] };
      for (let round = 0; round < (ROUNDS[size] ?? 10); round++) {
        const [a, b] = [source.batch(size), source.batch(size)];
        times.rpc.push(await timed(() => rpc(a)));
        times.six.push(await timed(() => sixUpserts(b)));
        times.none.push(await timed(() => echo(a)));
      }
      const [one, six, none] = [median(times.rpc), median(times.six), median(times.none)];
      figures.push({
        figure: `one ingest() through supabase-js, ${size} spans, compared with six upserts`,
        ours: `${one.toFixed(1)} ms, ${Math.round((size / one) * 1000)} spans/s`,
        ratio: `${(six / one).toFixed(1)} times faster`,
        target: size >= 100 ? '≥ 5' : '–',
      });
      if (size >= 100) {
        atLeast.set(size, { six, none });
        figures.push({
          figure: `a function that stores nothing, ${size} spans, compared with six upserts`,
          ours: `${none.toFixed(1)} ms`,
          ratio: `${(six / none).toFixed(1)} times faster`,
          target: '–',
        });
      }
      if (size === 100) {
        const rows = await timed(() => perRow(source.batch(size)));
        figures.push({
          figure: 'one ingest(), 100 spans, compared with one request per row',
          ours: `${one.toFixed(1)} ms`,
          ratio: `${(rows / one).toFixed(0)} times faster`,
          target: '≥ 130',
        });
      }
    }
    const copies = await againstCopy(client, tokenHash, source);
    figures.push(...copies.figures);
    for (const [size, { six, none }] of atLeast) {
      const millis = none + (copies.millis.get(size) ?? 0);
      figures.push({
        figure: `one call at the speed of bare COPY, ${size} spans, compared with six upserts`,
        ours: `${millis.toFixed(1)} ms`,
        ratio: `${(six / millis).toFixed(1)} times faster`,
        target: '–',
      });
    }
    figures.push(...(await benchMessages(client, tokenHash, `agensight.${PLAIN_PROMPTS}`)));
    printFigures('Storage', figures);
  } finally {
    await client.end();
    surface.close();
    await server.stop();
  }
}

/**
 * Compares ingest() on one connection, as PostgREST uses it, with COPY into tables without indexes and
 * triggers. Also returns the milliseconds of COPY by size.
 */
async function againstCopy(
  client: pg.Client,
  tokenHash: string,
  source: SpanSource,
): Promise<{ figures: Figure[]; millis: Map<number, number> }> {
  await client.query('create schema bare');
  for (const { table } of TABLES) {
    const form = table === 'prompts' ? PLAIN_PROMPTS : table;
    await client.query(`create table bare.${table} (like agensight.${form} including all)`);
  }
  const ingest = (body: string) =>
    client.query({
      name: 'ingest',
      text: 'select agensight.ingest($1, $2::jsonb)',
      values: [tokenHash, body],
    });
  const copy = async (copies: ReturnType<typeof toCopy>[]) => {
    await client.query('begin');
    for (const { sql, lines } of copies) {
      if (lines.length > 0) await pipeline([lines.join('')], client.query(copyFrom(sql)));
    }
    await client.query('commit');
  };
  const figures: Figure[] = [];
  const millis = new Map<number, number>();
  const copied = new Set<string>();
  for (const size of SIZES) {
    const times = { ingest: [] as number[], copy: [] as number[] };
    let rows = 0;
    for (let round = 0; round < (ROUNDS[size] ?? 10); round++) {
      const [a, b] = [source.batch(size), source.batch(size) as Batch & RecordLists];
      const body = JSON.stringify(a);
      // COPY fails on a duplicate key, so rows of earlier batches are left out.
      for (const table of ['sessions', 'traces'] as const) {
        b[table] = (b[table] ?? []).filter(({ id }) => !copied.has(id));
        for (const { id } of b[table] ?? []) copied.add(id);
      }
      const copies = (Object.keys(RECORDS) as RecordKind[]).map((kind) => toCopy(kind, b));
      rows = rowsOf(a);
      times.ingest.push(await timed(() => ingest(body)));
      times.copy.push(await timed(() => copy(copies)));
    }
    const [ours, bare] = [median(times.ingest), median(times.copy)];
    millis.set(size, bare);
    figures.push({
      figure: `ingest() on a connection, ${size} spans, compared with bare COPY`,
      ours: `${ours.toFixed(1)} ms, ${Math.round((rows / ours) * 1000)} rows/s`,
      ratio: `${(bare / ours).toFixed(2)} of COPY`,
      target: size === 500 ? '≥ 0.55' : '–',
    });
  }
  return { figures, millis };
}

function toCopy(kind: RecordKind, batch: Batch): { sql: string; lines: string[] } {
  const { table, fields } = RECORDS[kind];
  const columns = Object.keys(fields);
  const records = (batch[table] ?? []) as RecordOf<typeof kind>[];
  return {
    sql: `copy bare.${table} (project_id, ${columns.join(', ')}) from stdin`,
    lines: records.map(
      (record) =>
        `${[PROJECT, ...columns.map((column) => cell(record[column as keyof typeof record], (fields as Record<string, FieldType>)[column]))].join('\t')}\n`,
    ),
  };
}

const PROJECT = '00000000-0000-4000-8000-000000000001';

function cell(value: unknown, type: FieldType | undefined): string {
  if (value === null || value === undefined) return '\\N';
  const text = type === 'json' ? JSON.stringify(value) : String(value);
  return text.replace(/[\\\t\n\r]/g, (character) => `\\${ESCAPES[character]}`);
}

const ESCAPES: Record<string, string> = { '\\': '\\', '\t': 't', '\n': 'n', '\r': 'r' };
