/**
 * Local mode: the six tables in a SQLite file, with the names of the wire. One batch is one
 * transaction, and a batch that comes again changes nothing.
 */
import { type Batch, textOfBatch } from '../batch/batch.ts';
import { builtin } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';
import type { Deliver } from './sender.ts';
import { COLUMNS } from './sqlite-columns.ts';

/** How long a writer waits for another process that writes to the same file. */
const BUSY_TIMEOUT_MILLIS = 5_000;

/** Writes batches to a SQLite file, which is made with its folder when the first batch comes. */
export function createSqliteExporter(file: string, warn: Warn): Deliver {
  let write: ReturnType<typeof openStore> | undefined;
  return async (batch) => {
    try {
      write ??= openStore(file);
      write(batch);
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

function openStore(file: string): (batch: Batch) => void {
  const sqlite = builtin('node:sqlite');
  const fs = builtin('node:fs');
  const path = builtin('node:path');
  if (!(sqlite && fs && path)) {
    throw new Error("mode 'local' needs node:sqlite (Node 22.13 or newer); use mode 'dev'");
  }
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const database = new sqlite.DatabaseSync(file);
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MILLIS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
  );
  const upserts = COLUMNS.split(';').map((text) => {
    const { create, upsert } = statementsOf(text);
    database.exec(create);
    return database.prepare(upsert);
  });
  return (batch) => {
    const text = textOfBatch(batch);
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const statement of upserts) statement.run(text);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
}

/** How a table is made, and the one statement for all of its records in a batch. */
function statementsOf(text: string): { readonly create: string; readonly upsert: string } {
  const [table, ...marked] = text.split(' ');
  const columns = marked.map((column) => {
    const [, plus, name, mark] = /(\+?)(\w+)(.?)/.exec(column) ?? [];
    return { isKey: !!plus, quoted: `"${name}"`, name, mark };
  });
  const keys = columns.filter(({ isKey }) => isKey).map(({ quoted }) => quoted);
  const types = columns.map(
    ({ quoted, mark }) => `${quoted} ${mark === '#' ? 'INTEGER' : mark === '%' ? 'REAL' : 'TEXT'}`,
  );
  // `->` keeps JSON as its text, `->>` opens it.
  const values = columns.map(({ name, mark }) => `value->${mark === '*' ? '' : '>'}'${name}'`);
  const updates = columns
    .filter(({ isKey }) => !isKey)
    .map(({ name, quoted }) => {
      const kept = `"${table}".${quoted}`;
      const given = `excluded.${quoted}`;
      // What is unknown never overwrites.
      const both = name === 'started_at' ? 'min' : name === 'ended_at' ? 'max' : '';
      return `${quoted} = coalesce(${both && `${both}(${kept}, ${given}), `}${given}, ${kept})`;
    });
  return {
    create: `CREATE TABLE IF NOT EXISTS "${table}" (${types}, PRIMARY KEY (${keys})) WITHOUT ROWID`,
    upsert: `INSERT INTO "${table}" (${columns.map(({ quoted }) => quoted)})
      SELECT ${values} FROM json_each(?, '$.${table}') WHERE true
      ON CONFLICT (${keys}) DO UPDATE SET ${updates}`,
  };
}
