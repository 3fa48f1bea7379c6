import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { flush, init, shutdown, span, status, trace, type Warning } from '../../../sdk/index.ts';
import { active } from '../../../sdk/runtime/runtime.ts';
import { RECORDS } from '../../../wire/records.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agensight-'));
  file = join(folder, 'deep', 'agensight.db');
  active.warned.clear();
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

it('keeps the earliest start, the latest end, and known values', async () => {
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

it('reports once, and counts, that the file cannot be written', async () => {
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

const SDK = join(import.meta.dirname, '../../../sdk/index.ts');

/** Runs a program in local mode in a separate process. */
async function program(body: string, ...flags: string[]): Promise<string> {
  const text = `import { init, span, trace } from ${JSON.stringify(SDK)};
    init({ mode: 'local', localFile: ${JSON.stringify(file)}, flushIntervalMillis: 5 }); ${body}`;
  const child = spawn(process.execPath, [...flags, '--input-type=module', '-e', text], {
    env: { ...process.env, AGENSIGHT_LOG: 'warn' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  await once(child, 'close');
  return output;
}

it('stores records of several processes at once', async () => {
  const body = `const f = span('f', async (n) => n);
    for (let n = 0; n < 400; n++) {
      await trace({ name: 'root', session: 'shared' }, () => f(n))();
      if (n % 10 === 0) await new Promise((next) => setTimeout(next, 2));
    }`;
  const outputs = await Promise.all([1, 2, 3, 4].map(() => program(body)));
  expect(outputs.join('')).not.toContain('Agensight');
  expect(rows('select name, count(*) as n from spans group by name order by name')).toEqual([
    { name: 'f', n: 1_600 },
    { name: 'root', n: 1_600 },
  ]);
  expect(rows('select id from sessions')).toEqual([{ id: 'shared' }]);
  expect(rows('pragma integrity_check')).toEqual([{ integrity_check: 'ok' }]);
});

it('loses no records when the process exits at once', async () => {
  await program(
    "const f = span('f', (n) => n); for (let n = 0; n < 500; n++) f(n); process.exit(1)",
  );
  expect(rows('select count(*) as n from spans')).toEqual([{ n: 500 }]);
});

it('explains on a Node without SQLite what is missing and what to do', async () => {
  const output = await program("span('f', () => 1)()", '--no-experimental-sqlite');
  expect(output).toMatch(
    /AgensightWarning: .*node:sqlite \(Node 22\.13 or newer\); use mode 'dev'/,
  );
  expect(output.match(/node:sqlite/g)).toHaveLength(2);
});
