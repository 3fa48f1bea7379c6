/** The six tables of the local stack: a project for each program, whose rows are read when it has flushed. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TestStack } from '../support/stack.ts';
import { RECORD_TABLES } from './program.ts';
import type { Tables } from './row-checks.ts';

export interface HostProject {
  /** What the SDK and the child process are told. */
  readonly environment: Record<string, string>;
  /** The rows as they were when `flush()` returned; undefined if it never did. */
  rows(): Tables | undefined;
}

export class HostTables {
  private readonly stack: TestStack;
  private readonly server: Server;
  private readonly read = new Map<string, Tables>();

  private constructor(stack: TestStack) {
    this.stack = stack;
    this.server = createServer(async (request, response) => {
      const id = (request.url ?? '').slice(1);
      this.read.set(id, await this.rowsOf(id));
      response.end();
    });
  }

  static async open(): Promise<HostTables> {
    const tables = new HostTables(await TestStack.start(null));
    await new Promise<void>((resolve) => tables.server.listen(0, '127.0.0.1', resolve));
    return tables;
  }

  async project(name: string): Promise<HostProject> {
    const [project] = await this.query<{ id: string }>(
      'select id from agensight.create_project($1)',
      [name],
    );
    const id = project?.id ?? '';
    const [made] = await this.query<{ token: string }>(
      "select token from agensight.create_token($1::uuid, 'host')",
      [id],
    );
    const { port } = this.server.address() as AddressInfo;
    return {
      environment: {
        AGENSIGHT_ENDPOINT: this.stack.endpoint,
        AGENSIGHT_TOKEN: made?.token ?? '',
        TEST_FLUSHED: `http://127.0.0.1:${port}/${id}`,
      },
      rows: () => this.read.get(id),
    };
  }

  private async rowsOf(projectId: string): Promise<Tables> {
    const lists = await Promise.all(
      RECORD_TABLES.map(async (table) => {
        const found = await this.query<{ row: object }>(
          `select to_jsonb(t) as row from agensight.${table} t where project_id = $1`,
          [projectId],
        );
        return [table, found.map(({ row }) => row)];
      }),
    );
    return Object.fromEntries(lists) as Tables;
  }

  private query<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return this.stack.stack.surface.query<Row>(sql, values);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await this.stack.close();
  }
}
