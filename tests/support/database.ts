import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import type { RecordLists, TableName } from '../../wire/records.ts';
import { createDatabase } from './postgres.ts';

/** Lists of records without types of their own: SQL suites also send what the wire would refuse. */
export type RawLists = Partial<Record<TableName, readonly object[]>>;

export interface TestProject {
  id: string;
  token: string;
  tokenHash: string;
}

/** A migrated database of its own, and what the SQL suites do with it. */
export class Database {
  readonly url: string;
  readonly client: pg.Client;

  private constructor(url: string, client: pg.Client) {
    this.url = url;
    this.client = client;
  }

  static async open(url: string): Promise<Database> {
    return new Database(url, await connect(url));
  }

  async query<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, values)).rows;
  }

  /** The first column of the only row. */
  async value<T>(sql: string, values: unknown[] = []): Promise<T> {
    const { rows } = await this.client.query({ text: sql, values, rowMode: 'array' });
    return rows[0]?.[0] as T;
  }

  async project(name = 'test'): Promise<TestProject> {
    const id = await this.value<string>('select (agensight.create_project($1)).id', [name]);
    const token = await this.value<string>('select token from agensight.create_token($1)', [id]);
    return { id, token, tokenHash: sha256(token) };
  }

  async user(project: TestProject, role = 'viewer'): Promise<string> {
    const id = await this.value<string>('insert into auth.users default values returning id');
    await this.query(
      'insert into agensight.project_members (project_id, user_id, role) values ($1, $2, $3)',
      [project.id, id, role],
    );
    return id;
  }

  async ingest(
    { tokenHash }: TestProject,
    lists: RawLists | Partial<RecordLists>,
    batchId: string = randomUUID(),
  ): Promise<{ stored: Record<TableName, number>; repeated: boolean }> {
    return this.value('select agensight.ingest($1, $2::jsonb)', [
      tokenHash,
      JSON.stringify({ batch_id: batchId, ...lists }),
    ]);
  }

  /** Every row of a project's table in key order, without the project and when it was received. */
  async rows(
    table: TableName | 'receipts',
    { id }: TestProject,
  ): Promise<Record<string, unknown>[]> {
    const rows = await this.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) - '{project_id,received_at}'::text[] as row from agensight.${table} t where project_id = $1 order by to_jsonb(t)::text collate "C"`,
      [id],
    );
    return rows.map(({ row }) => row);
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A connection whose times and JSON read the same everywhere. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query("set timezone to 'UTC'");
  return client;
}

/** Runs a suite once per real Postgres, each time on a migrated database of its own. */
export function onEachPostgres(name: string, suite: (database: () => Database) => void): void {
  describe.each([...inject('postgresServers')])(`${name} (Postgres $version)`, ({ url }) => {
    let database: Database;
    beforeAll(async () => {
      database = await Database.open(await createDatabase(url));
    });
    afterAll(() => database.close());
    suite(() => database);
  });
}
