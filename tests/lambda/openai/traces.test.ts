import { describe, expect, it } from 'vitest';
import { createTestHandler } from '../support/test-handler.ts';

const TRACE = 'trace_0123456789abcdef0123456789abcdef';
const AT = '2026-11-29T12:00:00.000001+00:00';

const spanOf = (id: string, span_data: object, more: object = {}) => ({
  object: 'trace.span',
  id,
  trace_id: TRACE,
  parent_id: 'span_agent',
  started_at: AT,
  ended_at: '2026-11-29T12:00:01.000001+00:00',
  span_data,
  error: null,
  ...more,
});

async function send(...data: unknown[]) {
  const { send: sendOne, store } = createTestHandler();
  const headers = { 'content-type': 'application/json', 'openai-beta': 'traces=v1' };
  const body = JSON.stringify({ data });
  const answer = await sendOne({ path: '/v1/traces/ingest', headers, body });
  return { status: answer.statusCode, answer: JSON.parse(answer.body), stored: store.batches[0] };
}

describe("the exporter of the OpenAI Agents SDK's", () => {
  it('trace, agent, generation, response and function become rows', async () => {
    const { status, stored } = await send(
      {
        object: 'trace',
        id: TRACE,
        workflow_name: 'Weather',
        group_id: 'thread 1',
        metadata: { tenant: 'acme' },
      },
      spanOf('span_agent', { type: 'agent', name: 'Assistant', tools: ['w'] }, { parent_id: null }),
      spanOf('span_chat', {
        type: 'generation',
        model: 'gpt-4o-mini',
        input: [{ role: 'user', content: 'How warm?' }],
        output: [{ role: 'assistant', content: '21 degrees' }],
        usage: { input_tokens: 9, output_tokens: 3 },
      }),
      spanOf('span_response', {
        type: 'response',
        response_id: 'resp_1',
        usage: { input_tokens: 5, output_tokens: 2, input_tokens_details: { cached_tokens: 4 } },
      }),
      spanOf(
        'span_tool',
        { type: 'function', name: 'weather', input: '{"city":"Paris"}', output: '21' },
        { error: { message: 'timed out', data: { after: 5 } } },
      ),
      spanOf('span_handoff', { type: 'handoff', from_agent: 'A', to_agent: 'B' }),
    );
    expect(status).toBe(200);
    expect(stored).toMatchObject({
      traces: [
        { id: TRACE, name: 'Weather', session_id: 'thread 1', metadata: { tenant: 'acme' } },
      ],
      sessions: [{ id: 'thread 1' }],
      prompts: [{ span_id: 'span_chat', role: 'user', content: 'How warm?' }],
      tools: [{ run_span_id: 'span_tool', name: 'weather', status: 'error' }],
    });
    expect(stored?.tools?.[0]?.arguments).toEqual({ city: 'Paris' });
    const spans = Object.fromEntries((stored?.spans ?? []).map((row) => [row.id, row]));
    expect(spans).toMatchObject({
      span_agent: { kind: 'agent', name: 'Assistant' },
      span_chat: { kind: 'llm', parent_id: 'span_agent' },
      span_tool: { kind: 'tool', status: 'error', error: { message: 'timed out' } },
      span_handoff: { name: 'handoff', attributes: { 'openai_agents.to_agent': 'B' } },
    });
    const calls = Object.fromEntries((stored?.completions ?? []).map((row) => [row.span_id, row]));
    expect(calls).toMatchObject({
      span_chat: {
        content: '21 degrees',
        model: 'gpt-4o-mini',
        provider: 'openai',
        prompt_tokens: 9,
        completion_tokens: 3,
      },
      span_response: { response_id: 'resp_1', prompt_tokens: 5, cached_tokens: 4 },
    });
  });

  it('traces of one group are one session, from the first start to the last end', async () => {
    const traceOf = (id: string) => ({ object: 'trace', id, workflow_name: 'w', group_id: 'g' });
    const at = (second: number) => `2026-11-29T12:00:0${second}.000000Z`;
    const times = (first: number, last: number) => ({ started_at: at(first), ended_at: at(last) });
    const { stored } = await send(
      traceOf('trace_1'),
      traceOf('trace_2'),
      spanOf('span_1', { type: 'agent' }, { trace_id: 'trace_1', ...times(3, 4) }),
      spanOf('span_2', { type: 'agent' }, { trace_id: 'trace_2', ...times(1, 6) }),
    );
    expect(stored?.sessions).toMatchObject([{ id: 'g', ...times(1, 6) }]);
  });

  it('invalid items are rejected alone', async () => {
    const { answer, stored } = await send(
      null,
      { object: 'trace' },
      spanOf('span_1', { type: 'custom', name: 'x', data: {} }),
      spanOf('', {}),
    );
    expect(answer.rejected_count).toBe(3);
    expect(stored?.spans).toMatchObject([{ id: 'span_1', name: 'x' }]);
  });

  it.each([
    ['{', 400],
    ['{"data":1}', 400],
    [JSON.stringify({ data: Array.from({ length: 20_001 }, () => null) }), 413],
  ])('body %# is refused', async (body, status) => {
    const { send: sendOne } = createTestHandler();
    const headers = { 'content-type': 'application/json' };
    expect((await sendOne({ path: '/v1/traces/ingest', headers, body })).statusCode).toBe(status);
  });
});
