import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@supabase/supabase-js';
import { beforeAll, expect, it } from 'vitest';
import { createSqliteExporter } from '../../sdk/delivery/sqlite-exporter.ts';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { onEachStack } from '../support/stack.ts';

/** Blocks of the cookbook: the question, the code by language, and the table after each. */
const DOCUMENT = await readFile(new URL('../../docs/queries.md', import.meta.url), 'utf8');
const BLOCKS = DOCUMENT.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const question = section.slice(0, section.indexOf('\n'));
    return [...section.matchAll(/```(\w+)\n([\s\S]*?)```\n\n((?:\|.*\n)*)/g)].map(
      ([, language = '', code = '', table = '']) => ({ question, language, code, table }),
    );
  });
const of = (language: string) => BLOCKS.filter((block) => block.language === language);

const NOON = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 43_200_000;
const at = (seconds: number) => new Date(NOON + seconds * 1000).toISOString();
const DAY = 86_400;
const LISTS = {
  sessions: [
    { id: 's1', user_id: 'ann', name: 'Trip', started_at: at(-DAY) },
    { id: 's2', user_id: 'bob', name: 'Refund', started_at: at(100) },
  ],
  traces: [
    trace('t0', -DAY, { session_id: 's1', release: 'r1' }),
    trace('t1', 0, { session_id: 's1', release: 'r1', metadata: { plan: 'pro' } }),
    trace('t2', 100, { session_id: 's2', release: 'r2', status: 'error', name: 'refund' }),
  ],
  spans: [
    { ...span('t0', 'root', -DAY, 5), kind: 'agent', name: 'chat' },
    { ...span('t0', 'llm', -DAY, 2), parent_id: 'root' },
    { ...span('t1', 'root', 0, 12), kind: 'agent', name: 'chat' },
    { ...span('t1', 'llm1', 1, 4), parent_id: 'root', name: 'plan' },
    { ...span('t1', 'llm2', 6, 2), parent_id: 'root', name: 'answer' },
    {
      ...{ ...span('t1', 'look', 5, 1), kind: 'tool', name: 'weather', parent_id: 'root' },
      ...{ status: 'error', error: { type: 'TimeoutError', message: 'no answer' } },
    },
    {
      ...span('t2', 'llm', 100, 1),
      ...{ status: 'error', error: { type: 'RateLimitError', message: 'slow down' } },
    },
  ],
  prompts: [
    prompt('t0', 'llm', 0, 'user', 'Where to?'),
    prompt('t1', 'llm1', 0, 'user', 'Where to?'),
    prompt('t1', 'llm1', 1, 'assistant', 'Paris'),
    prompt('t1', 'llm1', 2, 'user', 'Weather there?'),
    prompt('t1', 'llm2', 0, 'user', 'Where to?'),
    prompt('t1', 'llm2', 1, 'assistant', 'Paris'),
    prompt('t1', 'llm2', 2, 'user', 'Weather there?'),
    prompt('t1', 'llm2', 3, 'assistant', 'Let me look.'),
    prompt('t1', 'llm2', 4, 'tool', 'no answer'),
    prompt('t2', 'llm', 0, 'user', 'I want a refund for my order'),
  ],
  completions: [
    answer('t0', 'llm', 'big-1', 'Paris', [100, 10, 200], {}),
    answer('t1', 'llm1', 'big-1', 'Let me look.', [1000, 100, 400], { cached_tokens: 500 }),
    answer('t1', 'llm2', 'small-1', 'I cannot tell', [1500, 40, 100], { finish_reason: 'length' }),
    answer('t2', 'llm', 'mystery-1', null, [300, 0, null], {}),
  ],
  tools: [
    {
      ...{ trace_id: 't1', id: 'c1', span_id: 'llm1', name: 'weather', status: 'error' },
      ...{ error: { message: 'no answer' }, started_at: at(5), ended_at: at(6) },
    },
    { trace_id: 't2', id: 'c2', span_id: 'llm', name: 'search', status: 'ok' },
  ],
};

function trace(id: string, second: number, more: object) {
  return {
    id,
    name: 'chat',
    status: 'ok',
    started_at: at(second),
    ended_at: at(second + 12),
    ...more,
  };
}
function span(trace_id: string, id: string, second: number, seconds: number) {
  const times = { started_at: at(second), ended_at: at(second + seconds) };
  return { trace_id, id, name: 'llm', kind: 'llm', status: 'ok', ...times };
}
function prompt(
  trace_id: string,
  span_id: string,
  message_index: number,
  role: string,
  content: string,
) {
  return { trace_id, span_id, message_index, role, content };
}
function answer(
  trace_id: string,
  span_id: string,
  model: string,
  content: string | null,
  [prompt_tokens, completion_tokens, time_to_first_token_ms]: (number | null)[],
  more: object,
) {
  return {
    ...{ trace_id, span_id, completion_index: 0, role: 'assistant', model, content },
    ...{ prompt_tokens, completion_tokens, time_to_first_token_ms, finish_reason: 'stop' },
    ...{ total_tokens: (prompt_tokens ?? 0) + (completion_tokens ?? 0), provider: 'acme', ...more },
  };
}

/** Rows formatted as a table of the document. */
function tableOf(rows: readonly Record<string, unknown>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cell = (value: unknown) =>
    value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value ?? '');
  const line = (cells: string[]) => `| ${cells.join(' | ')} |\n`;
  if (rows.length === 0) return '| no rows |\n| --- |\n';
  return [names, names.map(() => '---'), ...rows.map((row) => names.map((name) => cell(row[name])))]
    .map(line)
    .join('');
}

const plain = (table: string) => table.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

it('holds at least thirty questions, each with an answer', () => {
  expect(of('sql').length).toBeGreaterThanOrEqual(30);
  expect(BLOCKS.filter(({ table }) => table === '')).toEqual([]);
});

onEachStack('the cookbook', (stack) => {
  beforeAll(async () => {
    const sdk = {
      name: 'agensight',
      version: '1',
      process_id: 'p',
      created: 40,
      sent: 0,
      dropped: 2,
    };
    for (const [model, input, output] of [
      ['big-1', 10, 100],
      ['small-1', 1, 10],
    ]) {
      await stack().stack.surface.query('select agensight.set_price($1::uuid, $2, $3, $4)', [
        ...[stack().stack.projectId, model, input, output],
      ]);
    }
    const { status } = await stack().post(
      '/v1/batch',
      JSON.stringify({ batch_id: randomUUID(), sdk, ...LISTS }),
    );
    expect(status).toBe(200);
  });

  it.each(of('sql'))('answers "$question"', async ({ code, table }) => {
    const sql = code.replaceAll(':project', `'${stack().stack.projectId}'`);
    expect(plain(tableOf(await stack().stack.surface.query(sql)))).toBe(plain(table));
  });

  it.each(of('ts'))('answers "$question" through supabase-js', async ({ code, table }) => {
    const { SUPABASE_URL, SUPABASE_SECRET_KEY } = stack().stack.env;
    const supabase = createClient(SUPABASE_URL, SUPABASE_SECRET_KEY, {
      db: { schema: DATABASE_SCHEMA },
    });
    const { data, error } = await new Function('supabase', 'project', code)(
      supabase,
      stack().stack.projectId,
    );
    expect(error).toBeNull();
    expect(plain(tableOf(data))).toBe(plain(table));
  });
});

it.each(of('sqlite'))('answers "$question" from the local file', async ({ code, table }) => {
  const file = join(await mkdtemp(join(tmpdir(), 'agensight-cookbook-')), 'agensight.db');
  const body = new TextEncoder().encode(JSON.stringify({ batch_id: 'b', ...LISTS }));
  const batch = { id: 'b', records: 1, body, coding: null, segment: undefined };
  const deliver = createSqliteExporter(file, () => {});
  expect(await deliver(batch, AbortSignal.timeout(10_000))).toMatchObject({ status: 'sent' });
  expect(plain(tableOf(new DatabaseSync(file).prepare(code).all()))).toBe(plain(table));
});
