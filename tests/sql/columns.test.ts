import { expect, it } from 'vitest';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { onEachPostgres } from '../support/database.ts';

const COLUMN_TYPES: Record<FieldType, string> = {
  id: 'text',
  label: 'text',
  text: 'text',
  json: 'jsonb',
  tags: 'ARRAY',
  time: 'timestamp with time zone',
  count: 'bigint',
  index: 'integer',
  millis: 'double precision',
  mode: 'text',
  status: 'text',
  kind: 'text',
};

/** Columns that the database keeps by itself. */
const KEPT = ['project_id', 'merge_state', 'received_at'];
/** Besides the totals of traces and sessions. */
const KEPT_OF: Partial<Record<string, readonly string[]>> = {
  sessions: ['trace_count'],
  completions: ['cost', 'price_id', 'repeat_of', 'own'],
};

onEachPostgres('tables', (database) => {
  it.each(Object.values(RECORDS))('$table has exactly the fields of its record', async (record) => {
    const columns = await database().query<{ column_name: string; data_type: string }>(
      "select column_name, data_type from information_schema.columns where table_schema = 'agensight' and table_name = $1",
      [record.table],
    );
    const totals = await database().query<{ name: string }>(
      "select name from agensight_private.totals where $1 in ('traces', 'sessions')",
      [record.table],
    );
    const kept = [...KEPT, ...(KEPT_OF[record.table] ?? []), ...totals.map(({ name }) => name)];
    expect(
      Object.fromEntries(
        columns
          .filter(({ column_name }) => !kept.includes(column_name))
          .map(({ column_name, data_type }) => [column_name, data_type]),
      ),
    ).toEqual(
      Object.fromEntries(
        Object.entries<FieldType>(record.fields).map(([field, type]) => [
          field,
          COLUMN_TYPES[type],
        ]),
      ),
    );
  });

  // Prompts are a view of message_lists.
  it.each([
    ...Object.values(RECORDS).filter(({ table }) => table !== 'prompts'),
    { table: 'message_lists', key: ['trace_id', 'span_id'] },
  ])('$table is keyed by its project and its record', async (record) => {
    const key = await database().query<{ column: string }>(
      `select a.attname as column from pg_index i
       cross join unnest(i.indkey::int2[]) with ordinality k(attnum, n)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
       where i.indrelid = ('agensight.' || $1)::regclass and i.indisprimary order by k.n`,
      [record.table],
    );
    expect(key.map(({ column }) => column)).toEqual(['project_id', ...record.key]);
  });
});
