import { randomUUID } from 'node:crypto';
import { createClient } from '@supabase/supabase-js';
import { beforeAll, expect, it } from 'vitest';
import { DATABASE_SCHEMA } from '../../wire/protocol.ts';
import { onEachStack } from '../support/stack.ts';

const connect = (url: string, key: string) =>
  createClient(url, key, {
    db: { schema: DATABASE_SCHEMA },
    auth: { persistSession: false },
  });

onEachStack('embedding through the API', (stack) => {
  let client: ReturnType<typeof connect>;
  beforeAll(async () => {
    const { SUPABASE_URL, SUPABASE_SECRET_KEY } = stack().stack.env;
    client = connect(SUPABASE_URL, SUPABASE_SECRET_KEY);
    const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
    await stack().post(
      '/v1/batch',
      JSON.stringify({
        batch_id: randomUUID(),
        sessions: [{ id: 's', name: 'Trip' }],
        traces: [
          { id: 't2', session_id: 's', name: 'second', started_at: at(5) },
          { id: 't1', session_id: 's', name: 'first', started_at: at(1) },
        ],
        spans: [
          {
            trace_id: 't1',
            id: 'llm',
            parent_id: 'root',
            name: 'llm',
            kind: 'llm',
            started_at: at(2),
          },
          { trace_id: 't1', id: 'root', name: 'first', started_at: at(1) },
        ],
        prompts: [
          { trace_id: 't1', span_id: 'llm', message_index: 1, content: 'b' },
          { trace_id: 't1', span_id: 'llm', message_index: 0, content: 'a' },
        ],
        completions: [{ trace_id: 't1', span_id: 'llm', completion_index: 0, content: 'c' }],
        tools: [{ trace_id: 't1', id: 'call', span_id: 'llm', name: 'get_weather' }],
      }),
    );
  });

  it('goes down from a session to the messages of its traces', async () => {
    const { data, error } = await client
      .from('sessions')
      .select(
        'name, traces(name, spans(name, prompts(content), completions(content), tools(name)))',
      )
      .eq('id', 's');
    expect(error).toBeNull();
    const llm = {
      name: 'llm',
      prompts: [{ content: 'a' }, { content: 'b' }],
      completions: [{ content: 'c' }],
      tools: [{ name: 'get_weather' }],
    };
    const root = { name: 'first', prompts: [], completions: [], tools: [] };
    expect(data).toEqual([
      {
        name: 'Trip',
        traces: [
          { name: 'first', spans: [root, llm] },
          { name: 'second', spans: [] },
        ],
      },
    ]);
  });

  it('goes up from an answer to its session, and along the tree of spans', async () => {
    const up = await client
      .from('completions')
      .select('content, span(name, parent(name), trace(name, session(name)))')
      .eq('span_id', 'llm');
    expect(up.data).toEqual([
      {
        content: 'c',
        span: {
          name: 'llm',
          parent: { name: 'first' },
          trace: { name: 'first', session: { name: 'Trip' } },
        },
      },
    ]);
    const down = await client.from('spans').select('name, children(name)').eq('id', 'root');
    expect(down.data).toEqual([{ name: 'first', children: [{ name: 'llm' }] }]);
  });
});
