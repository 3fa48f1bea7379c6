/**
 * Exports batches to a SQLite file (mode `local`): six tables with the field names of the wire. A batch
 * is one transaction, and writing a batch again changes nothing. In the built package, this is a file of
 * its own, which `local-exporter.ts` loads.
 */
import { COLUMNS, type Column, parseColumns } from '../../wire/columns.ts';
import { type Batch, textOfBatch } from '../batch/batch.ts';
import { builtin } from '../platform/platform.ts';
import { messageOf } from '../platform/values.ts';
import type { Warn } from '../report/warnings.ts';
import type { Exporter } from './exporter.ts';
import { keepPrivate } from './private-file.ts';

export { VERSION } from '../platform/version.ts';

/** The time to wait for another process that writes to the same file. */
const BUSY_TIMEOUT_MILLIS = 5_000;

/** Writes batches to a SQLite file. The first batch creates the file and its folder, for their owner alone. */
export function createSqliteExporter(file: string, warn: Warn): Exporter {
  let write: ReturnType<typeof openStore> | undefined;
  return (batch) => {
    try {
      write ??= openStore(file, warn);
      write(batch);
      return { status: 'sent', rejected: 0 };
    } catch (error) {
      const reason = messageOf(error);
      warn('local', `cannot write ${file}: ${reason}`);
      // Another process may lock the file for long; other errors would occur again.
      return /locked|busy/i.test(reason)
        ? { status: 'retry', reason }
        : { status: 'refused', reason };
    }
  };
}

function openStore(file: string, warn: Warn): (batch: Batch) => void {
  const sqlite = builtin('node:sqlite');
  if (!sqlite) {
    throw new Error("mode 'local' needs node:sqlite (Node 22.13 or newer); use mode 'dev'");
  }
  keepPrivate(file, warn);
  const database = new sqlite.DatabaseSync(file);
  database.exec(
    `PRAGMA busy_timeout = ${BUSY_TIMEOUT_MILLIS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL`,
  );
  const upserts = [...parseColumns(COLUMNS)].map(([table, columns]) => {
    const { create, upsert } = statementsOf(table, columns);
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

/** The statements that create a table, and that upsert its records of a batch. */
function statementsOf(
  table: string,
  given: ReadonlyMap<string, Column>,
): { readonly create: string; readonly upsert: string } {
  const columns = Array.from(given.values(), (column) => ({
    ...column,
    quoted: `"${column.name}"`,
  }));
  const keys = columns.filter(({ isKey }) => isKey).map(({ quoted }) => quoted);
  const types = columns.map(
    ({ quoted, mark }) => `${quoted} ${mark === '#' ? 'INTEGER' : mark === '%' ? 'REAL' : 'TEXT'}`,
  );
  // `->` returns JSON as text, `->>` returns the SQL value.
  const values = columns.map(
    ({ name, mark }) => `value->${mark === '*' || mark === ',' ? '' : '>'}'${name}'`,
  );
  const updates = columns
    .filter(({ isKey }) => !isKey)
    .map(({ name, quoted }) => {
      const kept = `"${table}".${quoted}`;
      const given = `excluded.${quoted}`;
      // Null never overwrites a value.
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
