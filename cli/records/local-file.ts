/** The SQLite file of mode `local`, for reading. */
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { builtin } from '../../sdk/platform/platform.ts';
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { type FieldType, RECORDS } from '../../wire/records.ts';
import { CliError } from '../shell/errors.ts';
import type { Setting } from '../shell/settings.ts';

export const SQLITE_HINT = 'Use Node 22.13 or newer.';

/** `node:sqlite` without its experimental warning, which does not concern users of a command. */
function sqlite(): typeof import('node:sqlite') | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return builtin('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

export const hasSqlite = (): boolean => sqlite() !== undefined;

/**
 * Opens the file for reading; another process may keep writing to it.
 *
 * @throws CliError when this Node has no SQLite, or the file is missing or not written by the SDK
 */
export function openLocalFile({ value: file, from }: Setting): DatabaseSync {
  const { DatabaseSync: Database } = sqlite() ?? {};
  if (!Database) {
    const message = `Node ${process.versions.node} has no node:sqlite, which reading ${file} needs`;
    throw new CliError(message, { code: 'AGENSIGHT_CLI_FILE', hint: SQLITE_HINT });
  }
  if (!existsSync(file)) {
    throw new CliError(`the file ${file} (${from}) does not exist`, {
      code: 'AGENSIGHT_CLI_FILE',
      hint: "A program with init({ mode: 'local' }) creates it; --file names another.",
    });
  }
  try {
    const database = new Database(file, { readOnly: true });
    database.exec('PRAGMA busy_timeout = 5000');
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    const names = new Set(tables.map(({ name }) => name));
    const missing = RECORD_KINDS.find((kind) => !names.has(RECORDS[kind].table));
    if (missing) throw new Error(`the table ${RECORDS[missing].table} is missing`);
    return database;
  } catch (error) {
    const message = `cannot read ${file}: ${(error as Error).message}`;
    const hint = 'Name a file that mode local wrote.';
    throw new CliError(message, { code: 'AGENSIGHT_CLI_FILE', hint, cause: error });
  }
}

/** The fields of a kind that the file has columns for; an older version has fewer. */
export function fieldsIn(database: DatabaseSync, kind: RecordKind): [string, FieldType][] {
  const { table, fields } = RECORDS[kind];
  const rows = database.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
  const columns = new Set(rows.map(({ name }) => name));
  return Object.entries(fields).filter(([name]) => columns.has(name));
}
