import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { onEachPostgres } from '../support/database.ts';

const FULL = {
  sessions: [
    {
      id: 'user_789',
      name: 'chat',
      user_id: '789',
      metadata: { plan: 'free' },
      mode: 'prod',
      started_at: '2026-01-02T03:04:05.000001Z',
      ended_at: '2026-01-02T03:04:07Z',
    },
  ],
  traces: [
    {
      id: 't1',
      session_id: 'user_789',
      user_id: '789',
      name: 'multi_agent_chat',
      service_name: 'chat-service',
      release: '1.2.3',
      mode: 'prod',
      started_at: '2026-01-02T03:04:05.000001Z',
      ended_at: '2026-01-02T03:04:07Z',
      status: 'ok',
      input: ['Weather in Paris?'],
      output: { content: 'Sunny' },
      tags: ['demo', 'weather'],
      metadata: { tenant: 'a' },
    },
  ],
  spans: [
    {
      trace_id: 't1',
      id: 's2',
      parent_id: 's1',
      name: 'llm',
      kind: 'llm',
      mode: 'prod',
      status: 'error',
      error: { type: 'TypeError', message: 'no', stack: null },
      started_at: '2026-01-02T03:04:05.5Z',
      ended_at: '2026-01-02T03:04:06Z',
      attributes: { 'gen_ai.system': 'openai' },
      events: [{ name: 'retry', time: '2026-01-02T03:04:05.6Z', attributes: {} }],
    },
    {
      trace_id: 't1',
      id: 's1',
      name: 'multi_agent_chat',
      started_at: '2026-01-02T03:04:05.000001Z',
    },
  ],
  prompts: [
    { trace_id: 't1', span_id: 's2', message_index: 0, role: 'user', content: 'Weather in Paris?' },
  ],
  completions: [
    {
      trace_id: 't1',
      span_id: 's2',
      completion_index: 0,
      role: 'assistant',
      content: 'Let me look.',
      parts: [{ type: 'tool_call', id: 'c1', name: 'get_weather', arguments: { city: 'Paris' } }],
      finish_reason: 'tool_calls',
      model: 'gpt-4o-mini',
      provider: 'openai',
      response_id: 'r1',
      prompt_tokens: 12,
      completion_tokens: 5_000_000_000,
      total_tokens: 5_000_000_012,
      cached_tokens: 4,
      reasoning_tokens: 1,
      time_to_first_token_ms: 12.5,
    },
  ],
  tools: [
    {
      trace_id: 't1',
      id: 'c1',
      span_id: 's2',
      name: 'get_weather',
      arguments: { city: 'Paris' },
      output: { sky: 'clear' },
      status: 'ok',
    },
  ],
};

onEachPostgres('ingest()', (database) => {
  it('stores every field of every kind in the column of the same name', async () => {
    const project = await database().project();
    const reply = await database().ingest(project, FULL);
    expect(reply.stored).toEqual({
      sessions: 1,
      traces: 1,
      spans: 2,
      prompts: 1,
      completions: 1,
      tools: 1,
    });
    expect(await database().rows('sessions', project)).toMatchObject([
      {
        ...FULL.sessions[0],
        merge_state: null,
        started_at: '2026-01-02T03:04:05.000001+00:00',
        ended_at: '2026-01-02T03:04:07+00:00',
      },
    ]);
    expect(await database().rows('traces', project)).toMatchObject([
      {
        ...FULL.traces[0],
        error: null,
        started_at: '2026-01-02T03:04:05.000001+00:00',
        ended_at: '2026-01-02T03:04:07+00:00',
        span_count: 2,
        error_count: 1,
        prompt_tokens: 12,
        completion_tokens: 5_000_000_000,
        total_tokens: 5_000_000_012,
        merge_state: null,
      },
    ]);
    expect(await database().rows('spans', project)).toMatchObject([
      { id: 's1', parent_id: null, ended_at: null },
      {
        ...FULL.spans[0],
        started_at: '2026-01-02T03:04:05.5+00:00',
        ended_at: '2026-01-02T03:04:06+00:00',
      },
    ]);
    expect(await database().rows('prompts', project)).toMatchObject(FULL.prompts);
    expect(await database().rows('completions', project)).toMatchObject(FULL.completions);
    expect(await database().rows('tools', project)).toMatchObject(FULL.tools);
  });

  it('answers a repeated batch from its receipt and changes nothing', async () => {
    const project = await database().project();
    const batchId = randomUUID();
    const first = await database().ingest(project, FULL, batchId);
    // Only the id is compared, so that checking the receipt is one look-up.
    const other = { spans: [{ trace_id: 't1', id: 'new' }] };
    expect(await database().ingest(project, other, batchId)).toEqual({ ...first, repeated: true });
    expect(await database().rows('spans', project)).toHaveLength(2);
    expect(await database().rows('receipts', project)).toHaveLength(1);
  });

  it('treats the same batch id in two projects as two batches', async () => {
    const [a, b] = [await database().project(), await database().project()];
    const batchId = randomUUID();
    await database().ingest(a, FULL, batchId);
    const reply = await database().ingest(b, FULL, batchId);
    expect(reply.repeated).toBe(false);
    expect(await database().rows('spans', b)).toHaveLength(2);
  });

  it('writes no row version when another batch contains no new values', async () => {
    const project = await database().project();
    await database().ingest(project, FULL);
    const versions = () =>
      database().query(
        'select xmin::text, id from agensight.traces where project_id = $1 union all select xmin::text, id from agensight.spans where project_id = $1 union all select xmin::text, span_id from agensight.completions where project_id = $1',
        [project.id],
      );
    const before = await versions();
    await database().ingest(project, FULL);
    expect(await versions()).toEqual(before);
  });

  it('merges duplicates inside one batch', async () => {
    const project = await database().project();
    const reply = await database().ingest(project, {
      spans: [
        { trace_id: 't', id: 's', name: 'started', started_at: '2026-01-01T00:00:02Z' },
        {
          trace_id: 't',
          id: 's',
          name: 'ended',
          started_at: '2026-01-01T00:00:01Z',
          ended_at: '2026-01-01T00:00:03Z',
        },
        { trace_id: 't', id: 's', kind: 'llm' },
      ],
    });
    expect(reply.stored.spans).toBe(1);
    expect(await database().rows('spans', project)).toMatchObject([
      {
        name: 'ended',
        kind: 'llm',
        started_at: '2026-01-01T00:00:01+00:00',
        ended_at: '2026-01-01T00:00:03+00:00',
      },
    ]);
  });

  it('creates the trace of spans and completions that arrive before it, and the session of a trace', async () => {
    const project = await database().project();
    await database().ingest(project, {
      traces: [
        {
          id: 't1',
          session_id: 's1',
          started_at: '2026-01-01T00:00:05Z',
          ended_at: '2026-01-01T00:00:09Z',
        },
      ],
      spans: [{ trace_id: 't2', id: 'a', status: 'error', started_at: '2026-01-01T00:00:00Z' }],
      completions: [{ trace_id: 't3', span_id: 'b', completion_index: 0, total_tokens: 7 }],
    });
    expect(await database().rows('sessions', project)).toMatchObject([
      { id: 's1', started_at: '2026-01-01T00:00:05+00:00', ended_at: '2026-01-01T00:00:09+00:00' },
    ]);
    const traces = await database().rows('traces', project);
    expect(traces.map(({ id }) => id)).toEqual(['t1', 't2', 't3']);
    expect(traces[1]).toMatchObject({
      span_count: 1,
      error_count: 1,
      started_at: '2026-01-01T00:00:00+00:00',
    });
    expect(traces[2]).toMatchObject({ total_tokens: 7 });
  });

  it('keeps the later state in any order of arrival, and never overwrites with null', async () => {
    const project = await database().project();
    const early = { id: 's', name: 'New chat', user_id: 'u', ended_at: '2026-01-01T00:00:01Z' };
    const late = {
      id: 's',
      name: 'A trip to Paris',
      metadata: { a: 1 },
      ended_at: '2026-01-01T00:00:09Z',
    };
    const between = { id: 's', name: 'Zebra', user_id: 'a', ended_at: '2026-01-01T00:00:05Z' };
    for (const session of [late, early, between])
      await database().ingest(project, { sessions: [session] });
    expect(await database().rows('sessions', project)).toMatchObject([
      { name: 'A trip to Paris', user_id: 'a', metadata: { a: 1 } },
    ]);
  });

  it.each([
    ['unknown', 'f'.repeat(64)],
    ['malformed', 'not a hash'],
  ])('refuses an %s token with PT401', async (_, tokenHash) => {
    const project = await database().project();
    await expect(database().ingest({ ...project, tokenHash }, FULL)).rejects.toMatchObject({
      code: 'PT401',
    });
  });

  it('refuses a batch without an id', async () => {
    const project = await database().project();
    await expect(
      database().value('select agensight.ingest($1, $2::jsonb)', [project.tokenHash, '{}']),
    ).rejects.toMatchObject({ code: 'PT400' });
  });

  it('stores no record of a batch that violates a constraint', async () => {
    const project = await database().project();
    await expect(
      database().ingest(project, {
        spans: [
          { trace_id: 't', id: 'a' },
          { trace_id: 't', id: 'b', kind: 'nonsense' },
        ],
      }),
    ).rejects.toMatchObject({ code: '23514' });
    expect(await database().rows('spans', project)).toEqual([]);
    expect(await database().rows('traces', project)).toEqual([]);
  });
});
