import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { describe, expect, inject, it } from 'vitest';
import { Database } from '../support/database.ts';
import { createDatabase } from '../support/postgres.ts';

const DOCUMENT = await readFile(new URL('../../docs/growth.md', import.meta.url), 'utf8');
const LIST = /in this order:\n([\s\S]*?):\n/.exec(DOCUMENT)?.[1] ?? '';
const TABLES = [...LIST.matchAll(/`([\w.]+)`/g)].map(([, name]) => name as string);

describe.each([...inject('postgresServers')])(
  'a project that outgrew its database (Postgres $version)',
  ({ url }) => {
    it('moves to another one with its rows, totals and tokens, as the guide says', async () => {
      const [old, next] = [
        await Database.open(await createDatabase(url)),
        await Database.open(await createDatabase(url)),
      ];
      const [project, stays] = [await old.project(), await old.project()];
      const lists = {
        traces: [{ id: 't', session_id: 's', started_at: '2026-01-01T00:00:00Z' }],
        spans: [{ trace_id: 't', id: 'llm', kind: 'llm', status: 'error' }],
        prompts: [{ trace_id: 't', span_id: 'llm', message_index: 0, content: 'moving day' }],
        completions: [{ trace_id: 't', span_id: 'llm', completion_index: 0, total_tokens: 7 }],
        tools: [{ trace_id: 't', id: 'call', span_id: 'llm', name: 'van' }],
      };
      await old.ingest(project, lists);
      await old.ingest(stays, lists);

      expect(TABLES.length).toBe(10);
      await next.query('set session_replication_role = replica');
      for (const table of TABLES) {
        const key = table === 'agensight.projects' ? 'id' : 'project_id';
        await pipeline(
          old.client.query(
            copyTo(`copy (select * from ${table} where ${key} = '${project.id}') to stdout`),
          ),
          next.client.query(copyFrom(`copy ${table} from stdin`)),
        );
      }
      await next.query('reset session_replication_role');
      await next.query(
        'insert into agensight_private.traces_to_index (project_id, trace_id) select project_id, id from agensight.traces on conflict do nothing',
      );

      for (const table of [
        'sessions',
        'traces',
        'spans',
        'prompts',
        'completions',
        'tools',
        'receipts',
      ] as const) {
        const moved = await next.rows(table, project);
        expect(moved).not.toEqual([]);
        expect(moved).toEqual(await old.rows(table, project));
        expect(await next.rows(table, stays)).toEqual([]);
      }
      // The token still works, and the totals continue from the copied values.
      await next.ingest(project, { spans: [{ trace_id: 't', id: 'more' }] });
      expect(await next.rows('traces', project)).toMatchObject([
        { span_count: 2, error_count: 1, total_tokens: 7 },
      ]);
      expect(
        await next.query("select id from agensight.search_traces($1, 'moving')", [project.id]),
      ).toEqual([{ id: 't' }]);
      await Promise.all([old.close(), next.close()]);
    });
  },
);
