/** The SQLite file of mode `local`, for reading. */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { builtin } from '../../sdk/platform/platform.ts';
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { Failure } from '../shell/command.ts';
import type { Setting } from '../shell/settings.ts';

export const SQLITE_CURE = 'Use Node 22.13 or newer.';

/** `node:sqlite`, whose experimental warning says nothing to who uses a command. */
function sqlite(): typeof import('node:sqlite') | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return builtin('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const isSqliteThere = (): boolean => sqlite() !== undefined;

/**
 * Opens the file for reading; another process may go on writing to it.
 *
 * @throws Failure when this Node has no SQLite, or the file is not there or not ours
 */
export function openLocalFile({ value: file, from }: Setting): DatabaseSync {
  const { DatabaseSync: Database } = sqlite() ?? {};
  if (!Database) {
    throw new Failure(
      `Node ${process.versions.node} has no node:sqlite, which reading ${file} needs`,
      SQLITE_CURE,
    );
  }
  if (!existsSync(file)) {
    const cure = "A program with init({ mode: 'local' }) makes it; --file names another.";
    throw new Failure(`there is no file ${file} (${from})`, cure);
  }
  try {
    const database = new Database(file, { readOnly: true });
    database.exec('PRAGMA busy_timeout = 5000');
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = new Set(tables.map(({ name }) => name));
    const missing = RECORD_KINDS.find((kind) => !names.has(RECORDS[kind].table));
    if (missing) throw new Error(`it has no table ${RECORDS[missing].table}`);
    return database;
  } catch (error) {
    const problem = `${file} cannot be read: ${(error as Error).message}`;
    const cure = 'Name a file that mode local wrote.';
    throw new Failure(problem, { cure, cause: error });
  }
}

/** The fields of a kind that the file has: one from an older version may lack the newest. */
export function fieldsIn(database: DatabaseSync, kind: RecordKind): [string, FieldType][] {
  const { table, fields } = RECORDS[kind];
  const rows = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
  const there = new Set(rows.map(({ name }) => name));
  return Object.entries(fields).filter(([name]) => there.has(name));
}
