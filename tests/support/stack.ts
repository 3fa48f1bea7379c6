import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@supabase/supabase-js';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { type Stack, startStack } from '../../local/stack.ts';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import type { TableName } from '../../wire/records.ts';
import { createBareDatabase } from './postgres.ts';

/** The local stack on free ports, with what a test asks of it. */
export class TestStack {
  readonly stack: Stack;

  private constructor(stack: Stack) {
    this.stack = stack;
  }

  /** @param databaseUrl a bare Postgres database; null for the embedded one */
  static async start(databaseUrl: string | null): Promise<TestStack> {
    const folder = await mkdtemp(join(tmpdir(), 'agensight-stack-'));
    return new TestStack(await startStack({ port: 0, supabasePort: 0, databaseUrl, folder }));
  }

  get endpoint(): string {
    return this.stack.env.AGENSIGHT_ENDPOINT;
  }

  get token(): string {
    return this.stack.env.AGENSIGHT_TOKEN;
  }

  /** Rows of the project, read back through supabase-js as an application would. */
  async rows<Row = Record<string, unknown>>(
    table: TableName,
    filter: Record<string, string> = {},
    order: string[] = [],
  ): Promise<Row[]> {
    const client = createClient(this.stack.env.SUPABASE_URL, this.stack.env.SUPABASE_SECRET_KEY, {
      db: { schema: DATABASE_SCHEMA },
      auth: { persistSession: false, autoRefreshToken: false },
    });
    let query = client
      .from(table)
      .select('*')
      .match({ project_id: this.stack.projectId, ...filter });
    for (const column of order) query = query.order(column);
    const { data, error } = await query;
    if (error) throw new Error(error.message, { cause: error });
    return data as Row[];
  }

  async post(
    path: string,
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(this.endpoint + path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
    };
  }

  close(): Promise<void> {
    return this.stack.close();
  }
}

/** Runs a suite twice: on the embedded database, and on a real Postgres. */
export function onEachStack(name: string, suite: (stack: () => TestStack) => void): void {
  const newest = inject('postgresServers').at(-1);
  describe.each([
    { database: 'PGlite', serverUrl: null },
    { database: `Postgres ${newest?.version}`, serverUrl: newest?.url ?? null },
  ])(`${name} ($database)`, ({ serverUrl }) => {
    let stack: TestStack;
    beforeAll(async () => {
      stack = await TestStack.start(serverUrl && (await createBareDatabase(serverUrl)));
    });
    afterAll(() => stack.close());
    suite(() => stack);
  });
}
