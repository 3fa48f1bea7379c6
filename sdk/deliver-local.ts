/**
 * Local mode: the six tables in a SQLite file, with the names of the wire. One batch is one
 * transaction, and a batch that comes again changes nothing.
 */
import type { DatabaseSync } from 'node:sqlite';
import { RECORD_KINDS } from '../wire/protocol.ts';
import { type FieldType, RECORDS } from '../wire/records.ts';
import { type Batch, textOfBatch } from './batch.ts';
import type { Deliver } from './delivery.ts';
import { messageOf } from './objects.ts';
import { builtin } from './platform.ts';
import type { Warn } from './warnings.ts';

/** How long a writer waits for another process that writes to the same file. */
const BUSY_TIMEOUT_MILLIS = 5_000;

/** Columns that are no TEXT. */
const COLUMN_TYPES: Partial<Record<FieldType, string>> = {
  count: 'INTEGER',
  index: 'INTEGER',
  millis: 'REAL',
};

/** Writes batches to a SQLite file, which is made with its folder when the first batch comes. */
export function createLocalDelivery(file: string, warn: Warn): Deliver {
  let store: Store | undefined;
  return async (batch) => {
    try {
      store ??= openStore(file);
      store.write(batch);
      return { status: 'sent', rejected: 0 };
    } catch (error) {
      const reason = messageOf(error);
      warn('local', `cannot write ${file}: ${reason}`);
      // Another process may hold the file for long; all other trouble comes back at each attempt.
      return /locked|busy/i.test(reason)
        ? { status: 'retry', reason }
        : { status: 'refused', reason };
    }
  };
}

interface Store {
  write(batch: Batch): void;
}

function openStore(file: string): Store {
  const sqlite = builtin('node:sqlite');
  const fs = builtin('node:fs');
  const path = builtin('node:path');
  if (!(sqlite && fs && path)) {
    throw new Error("mode 'local' needs node:sqlite (Node 22.13 or newer); use mode 'dev'");
  }
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const database = new sqlite.DatabaseSync(file);
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MILLIS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
  );
  for (const kind of RECORD_KINDS) database.exec(createTable(kind));
  const upserts = RECORD_KINDS.map((kind) => database.prepare(upsert(kind)));
  return {
    write: (batch) => {
      const text = textOfBatch(batch);
      inTransaction(database, () => {
        for (const statement of upserts) statement.run(text);
      });
    },
  };
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

type Kind = (typeof RECORD_KINDS)[number];

const fieldsOf = (kind: Kind): [string, FieldType][] => Object.entries(RECORDS[kind].fields);

function createTable(kind: Kind): string {
  const { table, key } = RECORDS[kind];
  const columns = fieldsOf(kind).map(([name, type]) => `"${name}" ${COLUMN_TYPES[type] ?? 'TEXT'}`);
  const primary = key.map((name) => `"${name}"`);
  return `CREATE TABLE IF NOT EXISTS "${table}" (${columns}, PRIMARY KEY (${primary})) WITHOUT ROWID`;
}

/** One statement for all records of a kind in a batch; what is unknown never overwrites. */
function upsert(kind: Kind): string {
  const { table, key } = RECORDS[kind];
  const keys: readonly string[] = key;
  const fields = fieldsOf(kind);
  const values = fields.map(([name, type]) =>
    // `->` keeps JSON as its text, `->>` opens it.
    type === 'json' || type === 'tags' ? `value->'${name}'` : `value->>'${name}'`,
  );
  const updates = fields
    .filter(([name]) => !keys.includes(name))
    .map(([name]) => `"${name}" = ${merged(table, name)}`);
  return `INSERT INTO "${table}" (${fields.map(([name]) => `"${name}"`)})
    SELECT ${values} FROM json_each(?, '$.${table}') WHERE true
    ON CONFLICT (${keys.map((name) => `"${name}"`)}) DO UPDATE SET ${updates}`;
}

function merged(table: string, name: string): string {
  const kept = `"${table}"."${name}"`;
  const given = `excluded."${name}"`;
  if (name === 'started_at') return `coalesce(min(${kept}, ${given}), ${given}, ${kept})`;
  if (name === 'ended_at') return `coalesce(max(${kept}, ${given}), ${given}, ${kept})`;
  return `coalesce(${given}, ${kept})`;
}
