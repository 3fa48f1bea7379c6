/** The records in a SQLite file of mode `local`, trace by trace, in bounded memory. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { fieldsIn } from './local-file.ts';
import { isNarrowed, type Selection } from './selection.ts';
import { recordOfRow, type WireRecord } from './wire-record.ts';

type Row = Record<string, unknown>;

/** The kinds that belong to a trace and have its id. */
const PARTS = RECORD_KINDS.filter((kind) => kind !== 'session' && kind !== 'trace');

/** Sessions first, then all records of each trace, ordered by trace id. */
export function* recordsInFile(
  database: DatabaseSync,
  selection: Selection,
): Generator<WireRecord> {
  const { text, values } = tracesIn(selection);
  yield* rowsOf(database, 'session', sessionCondition(text, selection), values);
  const kinds = ['trace', ...PARTS] as const;
  const readers = kinds.map((kind) => readerOf(database, kind, 'WHERE', key(kind)));
  for (const { id } of database.prepare(`${text} ORDER BY id`).iterate(...values)) {
    for (const reader of readers) yield* reader([String(id)]);
  }
}

const key = (kind: RecordKind): string => (kind === 'trace' ? 'id = ?' : 'trace_id = ?');

function* rowsOf(
  database: DatabaseSync,
  kind: RecordKind,
  condition: string,
  values: readonly SQLInputValue[],
): Generator<WireRecord> {
  const where = condition === '' ? '' : 'WHERE';
  yield* readerOf(database, kind, where, condition)(condition === '' ? [] : values);
}

function readerOf(database: DatabaseSync, kind: RecordKind, where: string, condition: string) {
  const { table, key } = RECORDS[kind];
  const fields = fieldsIn(database, kind);
  const columns = fields.map(([name, type]) =>
    isJson(type)
      ? // A single invalid JSON text would make the whole batch unreadable.
        `iif(json_valid("${name}") = 0, json_quote("${name}"), "${name}") AS "${name}"`
      : `"${name}"`,
  );
  const order = key.map((name) => `"${name}"`);
  const statement = database.prepare(
    `SELECT ${columns} FROM "${table}" ${where} ${condition} ORDER BY ${order}`,
  );
  return function* read(values: readonly SQLInputValue[]): Generator<WireRecord> {
    for (const row of statement.iterate(...values)) {
      yield recordOfRow(kind, fields, row as Row, (type, value) =>
        isJson(type) ? String(value) : JSON.stringify(value),
      );
    }
  };
}

const isJson = (type: FieldType): boolean => type === 'json' || type === 'tags';

/** A query for the ids of the selected traces, including those without a trace record. */
function tracesIn(selection: Selection): { text: string; values: string[] } {
  const { since, until, session, trace } = selection;
  const conditions: string[] = [];
  const values: string[] = [];
  const add = (condition: string, value: string | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  add('started_at >= ?', since);
  add('started_at < ?', until);
  add('session_id = ?', session);
  add('id = ?', trace);
  // A process that died during a trace wrote its spans but not the trace.
  const orphans = PARTS.map((kind, i) => {
    const before = ['traces', ...PARTS.slice(0, i).map((earlier) => RECORDS[earlier].table)];
    const unknown = before.map((table) => {
      const column = table === 'traces' ? 'id' : 'trace_id';
      return `trace_id NOT IN (SELECT ${column} FROM ${table})`;
    });
    const start = kind === 'span' ? 'min(started_at)' : 'NULL';
    return `SELECT trace_id, ${start}, NULL FROM ${RECORDS[kind].table}
      WHERE ${unknown.join(' AND ')} GROUP BY trace_id`;
  });
  const all = ['SELECT id, started_at, session_id FROM traces', ...orphans].join(' UNION ALL ');
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return { text: `SELECT id FROM (${all}) ${where}`, values };
}

/** A condition for the sessions of the selected traces; empty for all sessions. */
function sessionCondition(traces: string, selection: Selection): string {
  if (!isNarrowed(selection)) return '';
  return `id IN (SELECT session_id FROM traces WHERE id IN (${traces}))`;
}
