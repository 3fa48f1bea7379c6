import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { flush, init, shutdown, span, status, trace, type Warning } from '../../sdk/index.ts';
import { state } from '../../sdk/state.ts';
import { RECORDS } from '../../wire/records.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agensight-'));
  file = join(folder, 'deep', 'agensight.db');
  state.warned.clear();
});

afterEach(async () => {
  await shutdown({ timeoutMillis: 0 });
  rmSync(folder, { recursive: true });
});

function rows(sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}

it('writes the six tables of the wire', async () => {
  init({ mode: 'local', localFile: file, session: { id: 's', userId: 'u' } });
  const chat = span('llm', (_: object[]) => ({ content: 'Mock', tool_used: 'get_weather' }));
  trace('root', () => chat([{ role: 'user', content: 'hi' }]))();
  expect(await flush()).toMatchObject({ pending: 0, rejected: 0 });
  for (const { table, fields } of Object.values(RECORDS)) {
    const columns = rows(`select name from pragma_table_info('${table}')`);
    expect(columns.map(({ name }) => name)).toEqual(Object.keys(fields));
    expect(rows(`select * from ${table}`).length).toBeGreaterThan(0);
  }
  expect(rows('select id, user_id, mode from sessions')).toEqual([
    { id: 's', user_id: 'u', mode: null },
  ]);
  expect(rows('select role, content, total_tokens from completions')).toEqual([
    { role: 'assistant', content: 'Mock', total_tokens: null },
  ]);
});

it('keeps the first start, the last end, and what is known', async () => {
  init({ mode: 'local', localFile: file });
  const chat = (session: object) =>
    trace({ name: 'chat', session: session as { id: string } }, () => 1);
  chat({ id: 's', name: 'first' })();
  await flush();
  const [first] = rows('select * from sessions');
  chat({ id: 's', userId: 'u' })();
  await flush();
  const [second] = rows('select * from sessions');
  expect(second).toMatchObject({ name: 'first', user_id: 'u', started_at: first?.started_at });
  expect(String(second?.ended_at) > String(first?.ended_at)).toBe(true);
});

it('is told once, and counted, when the file cannot be written', async () => {
  writeFileSync(join(folder, 'deep'), 'a file where the folder should be');
  const warnings: Warning[] = [];
  const before = status();
  init({ mode: 'local', localFile: file, onWarning: (warning) => warnings.push(warning) });
  for (const _ of [1, 2]) {
    span('f', () => 1)();
    expect(await flush()).toMatchObject({ pending: 0 });
  }
  expect(status().rejected - before.rejected).toBe(4);
  expect(warnings.map(({ code }) => code)).toEqual(['local', 'refused']);
});
