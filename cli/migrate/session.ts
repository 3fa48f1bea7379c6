/** The settings of a transaction on which the meaning of a migration depends. */
import type { RunSql } from './database.ts';

/**
 * A server, a database, a role or the connection may set each of these otherwise. The defaults of
 * Postgres, except `search_path`: nothing may resolve to an object of another application.
 */
const SETTINGS: Readonly<Record<string, string>> = {
  search_path: '',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  check_function_bodies: 'on',
  row_security: 'on',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  array_nulls: 'on',
  default_table_access_method: 'heap',
  datestyle: 'ISO, MDY',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
};

/**
 * Sets them until the end of the transaction. The first statement of a transaction, because with
 * another isolation level the history would be that of before the lock.
 *
 * `transaction_read_only` stays: Supabase sets its default where the disk is full.
 */
export async function applySettings(run: RunSql): Promise<void> {
  await run('set transaction isolation level read committed');
  // The values contain no quote and no backslash, which `standard_conforming_strings` could change.
  for (const [name, value] of Object.entries(SETTINGS)) await run(`set local ${name} = '${value}'`);
}
