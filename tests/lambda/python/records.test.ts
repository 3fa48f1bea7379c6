import { describe, expect, it } from 'vitest';
import { create, SPAN } from '../support/python-request.ts';
import { createTestHandler } from '../support/test-handler.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const OTHER = '7f0e3a6c-0000-4000-8000-000000000002';
const WAITING = `span:${SPAN}`;

describe('the Python routes', () => {
  it('reads float seconds to the microsecond', async () => {
    const { batch } = await create('trace', {
      id: 't',
      started_at: 1_767_323_045.123456,
      ended_at: 1_767_323_046,
    });
    expect(batch?.traces).toMatchObject([
      { started_at: '2026-01-02T03:04:05.123456Z', ended_at: '2026-01-02T03:04:06.000000Z' },
    ]);
  });

  it.each([0, -1, 1e300, 'yesterday', true, {}])(
    'rejects the time %o with its reason',
    async (started_at) => {
      for (const [route, id] of [
        ['session', 's'],
        ['trace', 't'],
      ] as const) {
        expect(await create(route, { id, started_at })).toMatchObject({
          status: 400,
          batch: undefined,
          reply: { rejected_count: 1, rejected: [{ kind: route, field: 'started_at' }] },
        });
      }
    },
  );

  it.each([
    ['StatusCode.OK', 'ok'],
    ['StatusCode.ERROR', 'error'],
    ['StatusCode.UNSET', 'unset'],
    ['toString', undefined],
    [2, null],
  ])('reads the status %s as %s', async (status, expected) => {
    const data = { id: SPAN, trace_id: 't', status, kind: 'SpanKind.INTERNAL' };
    expect((await create('span', data)).batch?.spans?.[0]).toMatchObject({
      kind: 'span',
      ...(expected ? { status: expected } : {}),
    });
  });

  it('ignores the project of a body, an unknown mode, and empty metadata', async () => {
    const { batch } = await create('session', {
      id: 's',
      project_id: 'somebody else',
      session_name: 'n',
      user_id: 'u',
      metadata: '{}',
      mode: 'local',
    });
    expect(batch?.sessions).toEqual([
      expect.objectContaining({ id: 's', name: 'n', user_id: 'u' }),
    ]);
    expect(JSON.stringify(batch)).not.toMatch(/somebody else|metadata|mode/);
  });

  it('parses metadata', async () => {
    const { batch } = await create('session', { id: 's', metadata: '{"a": 1}' });
    expect(batch?.sessions?.[0]?.metadata).toEqual({ a: 1 });
  });

  it.each([
    ['prompt', { span_id: SPAN, message_index: 3, role: 'user', content: 'x' }],
    ['completion', { span_id: SPAN, role: 'assistant', content: 'x' }],
    ['tool', { span_id: SPAN, name: 'x', arguments: '{}' }],
  ])('stores a %s that waits for its span', async (route, data) => {
    const { batch, store, status } = await create(route, data);
    expect(status).toBe(200);
    expect(batch?.[`${route}s` as 'tools']).toMatchObject([{ trace_id: WAITING, span_id: SPAN }]);
    expect(store.batchesBySpan).toHaveLength(1);
  });

  it.each(['prompt', 'completion', 'tool'])(
    'rejects a %s without a UUID of a span',
    async (route) => {
      for (const span_id of [undefined, null, 7, '', 'abc', `${SPAN}0`, '00f067aa0ba902b7']) {
        expect(await create(route, { span_id, message_index: 0 })).toMatchObject({
          status: 400,
          batch: undefined,
          reply: { rejected: [{ kind: route, field: 'span_id', reason: 'must be a UUID' }] },
        });
      }
    },
  );

  it('requires the index of a prompt', async () => {
    for (const message_index of [undefined, -1, 0.5, '0']) {
      const { status, reply } = await create('prompt', { span_id: SPAN, message_index });
      expect(status).toBe(400);
      expect(reply.rejected).toMatchObject([{ field: 'message_index' }]);
    }
  });

  it.each([
    [{ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }, [3, 2, 5]],
    [{ prompt_tokens: 3, completion_tokens: 2, total_tokens: 0 }, [3, 2, 5]],
    [{ prompt_tokens: 3, completion_tokens: 2 }, [3, 2, 5]],
    [
      { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
      [undefined, undefined, undefined],
    ],
    [{ prompt_tokens: null, completion_tokens: null, total_tokens: 7 }, [undefined, undefined, 7]],
    [
      { prompt_tokens: -1, completion_tokens: 'x', total_tokens: {} },
      [undefined, undefined, undefined],
    ],
  ])('reads the usage %o', async (usage, expected) => {
    const { batch } = await create('completion', { span_id: SPAN, content: 'x', ...usage });
    const row = batch?.completions?.[0];
    expect([row?.prompt_tokens, row?.completion_tokens, row?.total_tokens]).toEqual(expected);
  });

  it('ignores the total of an update', async () => {
    const { batch } = await create('trace/update', { id: 't', total_tokens: 9 });
    expect(batch).toMatchObject({ traces: [{ id: 't' }] });
    expect(JSON.stringify(batch)).not.toContain('total_tokens');
  });

  it('derives the batch id from the body, under any stage', async () => {
    const idOf = async (route: string, data: unknown, stage?: string) =>
      (await create(route, data, stage === undefined ? {} : { stage })).batch?.batch_id;
    const first = await idOf('trace', { id: 't' });
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(await idOf('trace', { id: 't' }, '/dev')).toBe(first);
    expect(await idOf('trace', { id: 'u' })).not.toBe(first);
    expect(await idOf('session', { id: 't' })).not.toBe(first);
  });

  it('derives the id of a tool from its call, independent of the order of arguments', async () => {
    const idOf = async (span_id: string, name: string, args: unknown) =>
      (await create('tool', { span_id, name, arguments: args })).batch?.tools?.[0]?.id;
    const first = await idOf(SPAN, 'f', '{"a": 1, "b": 2}');
    expect(first).toMatch(new RegExp(`^${SPAN}:[0-9a-f]{16}$`));
    expect(await idOf(SPAN, 'f', '{"b":2,"a":1}')).toBe(first);
    expect(await idOf(SPAN, 'f', { a: 1, b: 2 })).toBe(first);
    expect(await idOf(SPAN, 'f', '{}')).not.toBe(first);
    expect(await idOf(SPAN, 'g', '{"a": 1, "b": 2}')).not.toBe(first);
    expect(await idOf(OTHER, 'f', '{"a": 1, "b": 2}')).not.toBe(first);
  });
});

describe('a body for the Python routes', () => {
  const ROUTES = ['session', 'trace', 'trace/update', 'span', 'prompt', 'completion', 'tool'];
  const VALUES = [
    null,
    true,
    -1,
    Number.MAX_VALUE,
    '',
    'x',
    '\u0000',
    [],
    {},
    [{}],
    { a: [1] },
    SPAN,
  ];
  const FIELDS = ['id', 'span_id', 'trace_id', 'name', 'content', 'arguments', 'attributes'];

  it.each(ROUTES)('of any values never causes a server error at %s', async (route) => {
    for (const field of [...FIELDS, 'role', 'status', 'session_id', 'metadata', 'started_at']) {
      for (const value of VALUES) {
        const valid = { id: SPAN, span_id: SPAN, trace_id: 't', message_index: 0 };
        const { status, reply } = await create(route, { ...valid, [field]: value });
        expect([200, 400]).toContain(status);
        if (status === 400) expect(reply.rejected_count).toBeGreaterThan(0);
      }
    }
  });

  it.each([
    ['no JSON', '{', 400],
    ['no data', '{}', 400],
    ['a list for data', '{"data":[]}', 400],
    ['null', 'null', 400],
  ])('is refused when it is %s', async (_, body, status) => {
    const { send, store } = createTestHandler();
    const path = '/api/v1/logs/create/trace';
    expect((await send({ path, headers: JSON_TYPE, body })).statusCode).toBe(status);
    expect(store.batches).toEqual([]);
  });

  it('is refused with another content type', async () => {
    const { send } = createTestHandler();
    const path = '/api/v1/logs/create/trace';
    const headers = { 'content-type': 'text/plain' };
    expect((await send({ path, headers, body: '{}' })).statusCode).toBe(415);
  });
});
