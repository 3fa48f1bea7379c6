import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECORDS } from '../../../wire/records.ts';
import type { TestStack } from '../../support/stack.ts';
import { emptyFolder, runCli, startCli } from '../support/run-cli.ts';
import {
  createProject,
  runAgent,
  startOnPostgres,
  type TestProject,
  tablesOf,
} from '../support/two-projects.ts';

let stack: TestStack;
let project: TestProject;
let file: string;

beforeAll(async () => {
  stack = await startOnPostgres();
  project = await createProject(stack, 'source');
  file = join(emptyFolder(), 'agensight.db');
  // Two spans of each trace report one call, by its id.
  await runAgent({ AGENSIGHT_LOCAL_FILE: file, TIMES: '60', RESPONSE_ID: 'chatcmpl-1' });
  // More traces than one request reads, with ids that need quoting in PostgREST's syntax.
  const traces = Array.from({ length: 90 }, (_, i) => ({
    id: `a "quoted", (odd) \\ id ${i}`,
    name: 'odd',
    mode: 'dev',
    input: { text: '世界' },
  }));
  const body = { batch_id: crypto.randomUUID(), traces };
  await fetch(`${stack.endpoint}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${project.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const env = { AGENSIGHT_ENDPOINT: stack.endpoint, AGENSIGHT_TOKEN: project.token };
  expect(await runCli(['push', file], { env })).toMatchObject({ code: 0 });
});
afterAll(() => stack.close());

const cloud = (): Record<string, string> => ({
  SUPABASE_URL: stack.stack.env.SUPABASE_URL,
  SUPABASE_SECRET_KEY: stack.stack.env.SUPABASE_SECRET_KEY,
  AGENSIGHT_ENDPOINT: stack.endpoint,
  AGENSIGHT_TOKEN: project.token,
});

interface Line {
  kind: keyof typeof RECORDS;
  record: Record<string, unknown>;
}

async function exported(args: string[], env = cloud()): Promise<{ lines: Line[]; text: string }> {
  const run = await runCli(['export', ...args], { env });
  expect(run.stderr).toMatch(/^reading .*\n\d+ records\n$/);
  expect(run.code).toBe(0);
  const lines = run.stdout.split('\n').filter(Boolean);
  return { lines: lines.map((line) => JSON.parse(line) as Line), text: run.stdout };
}

describe('an export from the cloud', () => {
  it('produces the same rows when it is pushed to another project', async () => {
    const { text, lines } = await exported([]);
    const copy = await createProject(stack, 'copy');
    const path = join(emptyFolder(), 'all.jsonl');
    writeFileSync(path, text);
    const env = { ...cloud(), AGENSIGHT_TOKEN: copy.token };
    expect(await runCli(['push', path], { env })).toMatchObject({ code: 0 });
    const withoutArrival = async (of: TestProject) =>
      JSON.parse(
        JSON.stringify(await tablesOf(stack, of), (key, value) =>
          key === 'received_at' ? undefined : value,
        ),
      ) as unknown;
    expect(await withoutArrival(copy)).toEqual(await withoutArrival(project));
    expect(lines.filter(({ kind }) => kind === 'trace')).toHaveLength(150);
    expect(lines.filter(({ kind }) => kind === 'span')).toHaveLength(300);
  });

  it.each<[string, (traceId: string) => string[], number]>([
    ['one trace with its session', (id) => ['--trace', id], 15],
    ['one session', () => ['--session', 's-1'], 1 + 60 * 14],
    ['an unknown session', () => ['--session', 'unknown'], 0],
    ['recent traces', () => ['--since', '1h'], 1 + 60 * 14],
    ['old traces', () => ['--until', '2026-01-01'], 0],
  ])('can select %s', async (_, args, count) => {
    const { traces } = await tablesOf(stack, project);
    const id = String(traces.find(({ name }) => name === 'answer')?.id);
    const { lines } = await exported(args(id));
    expect(lines).toHaveLength(count);
    if (count > 0) expect(lines[0]?.kind).toBe('session');
  });
});

describe('an export from a file', () => {
  it('has only fields of the wire', async () => {
    const { lines } = await exported(['--from', 'local', '--file', file]);
    expect(lines).toHaveLength(1 + 60 * 15);
    for (const { kind, record } of lines) {
      expect(Object.keys(RECORDS[kind].fields)).toEqual(
        expect.arrayContaining(Object.keys(record)),
      );
      expect(Object.values(record)).not.toContain(null);
    }
  });

  it('ends with 0 when the reader closes the pipe', async () => {
    const child = startCli(['export', '--file', file]);
    child.stdout?.once('data', () => child.stdout?.destroy());
    const [code] = await once(child, 'close');
    expect(code).toBe(0);
  });
});
