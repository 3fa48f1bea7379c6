/** The database as `migrate` uses it. A Postgres connection and PGlite implement it. */

export type Row = Readonly<Record<string, unknown>>;

/** Runs one or more SQL statements without parameters and returns the rows of the last one. */
export type RunSql = (sql: string) => Promise<readonly Row[]>;

export interface MigrationDatabase {
  /**
   * Runs `work` in one transaction, which is rolled back when it throws. Nothing may depend on the
   * session: a transaction pooler gives each transaction another server connection.
   */
  transaction<T>(work: (run: RunSql) => Promise<T>): Promise<T>;
}

/** A string literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
