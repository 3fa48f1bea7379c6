import { describe, expect, it } from 'vitest';
import { createTestHandler } from '../support/test-handler.ts';

const TRACE = 'a72e9c2f-6d59-478e-92fd-4e660a029e67';
const CALL = '514aad0d-27b2-40bf-b792-59e0f989cc3f';
const AT = '2026-11-29T12:00:00.830871Z';

const event = (type: string, body: unknown, timestamp: unknown = AT) => ({
  id: crypto.randomUUID(),
  type,
  timestamp,
  body,
});

async function send(...batch: unknown[]) {
  const { send: sendOne, store } = createTestHandler();
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ batch, metadata: { sdk_name: 'python' } });
  const answer = await sendOne({ path: '/api/public/ingestion', headers, body });
  return { status: answer.statusCode, answer: JSON.parse(answer.body), stored: store.batches[0] };
}

const CREATED = event('generation-create', {
  id: CALL,
  traceId: TRACE,
  name: 'plan',
  startTime: AT,
  model: 'gpt-4o-mini',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
});
const UPDATED = event('generation-update', {
  id: CALL,
  traceId: TRACE,
  endTime: '2026-11-29T12:00:01.830871Z',
  completionStartTime: '2026-11-29T12:00:01.330871Z',
  output: { role: 'assistant', content: 'Hi' },
  usage: { input: 5, output: 2, total: 7, unit: 'TOKENS' },
});

describe('events of Langfuse', () => {
  it('about one generation are one span', async () => {
    const { status, answer, stored } = await send(CREATED, UPDATED);
    expect([status, answer]).toEqual([
      207,
      { successes: [], errors: [], rejected: [], rejected_count: 0 },
    ]);
    expect(stored).toMatchObject({
      spans: [{ trace_id: TRACE, id: CALL, name: 'plan', kind: 'llm' }],
      prompts: [{ role: 'user', content: 'Hello' }],
      completions: [
        { content: 'Hi', model: 'gpt-4o-mini', total_tokens: 7, time_to_first_token_ms: 500 },
      ],
    });
  });

  it('about a trace add up; an observation at its root does not describe it', async () => {
    const { stored } = await send(
      event('trace-create', { id: TRACE, name: 'first', tags: ['a'], metadata: { x: 1 } }),
      event('span-create', { id: CALL, traceId: TRACE, name: 'step', input: 'in', startTime: AT }),
      event('trace-create', {
        id: TRACE,
        name: 'weather',
        sessionId: 's1',
        userId: 'u1',
        output: 'out',
        tags: ['a', 'b'],
        metadata: { y: 2 },
        environment: 'production',
      }),
    );
    expect(stored?.traces).toMatchObject([
      {
        id: TRACE,
        name: 'weather',
        session_id: 's1',
        user_id: 'u1',
        output: 'out',
        tags: ['a', 'b'],
        metadata: { x: 1, y: 2 },
        mode: 'prod',
      },
    ]);
    expect(stored?.traces?.[0]?.input ?? null).toBeNull();
    expect(stored?.sessions).toMatchObject([{ id: 's1', user_id: 'u1' }]);
    expect(stored?.spans).toMatchObject([{ id: CALL, name: 'step', input: 'in' }]);
  });

  it('in two requests say in each what they say', async () => {
    const { stored } = await send(UPDATED);
    const [span] = stored?.spans ?? [];
    expect([span?.name ?? null, span?.started_at ?? null, span?.kind]).toEqual([null, null, 'llm']);
    expect(stored?.traces?.[0]?.name ?? null).toBeNull();
  });

  it('of level ERROR are failures', async () => {
    const { stored } = await send(
      event('tool-create', {
        id: CALL,
        traceId: TRACE,
        name: 't',
        level: 'ERROR',
        statusMessage: 'no answer',
        startTime: AT,
        endTime: AT,
      }),
    );
    expect(stored?.spans).toMatchObject([
      { kind: 'tool', status: 'error', error: { message: 'no answer' } },
    ]);
  });

  it('that are invalid, scores and logs are passed over and never listed as errors', async () => {
    const { status, answer, stored } = await send(
      event('score-create', { id: '1', traceId: TRACE, name: 'helpful', value: 1 }),
      event('sdk-log', { log: 'x' }),
      event('span-create', { id: 7 }),
      event('trace-create', {}),
      { type: 5 },
      null,
      CREATED,
    );
    expect([status, answer.errors, answer.rejected_count]).toEqual([207, [], 4]);
    expect(stored?.spans).toHaveLength(1);
  });

  it.each([
    ['{', 400],
    ['[]', 400],
    ['{"batch":{}}', 400],
    [JSON.stringify({ batch: Array.from({ length: 20_001 }, () => null) }), 413],
    ['{"batch":[]}', 207],
  ])('in the body %# are answered %s', async (body, status) => {
    const { send: sendOne } = createTestHandler();
    const headers = { 'content-type': 'application/json' };
    const answer = await sendOne({ path: '/api/public/ingestion', headers, body });
    expect(answer.statusCode).toBe(status);
  });
});

describe('what a client of Langfuse asks besides', () => {
  it.each([
    ['POST', '/api/public/scores', 200],
    ['POST', '/api/public/media', 201],
    ['GET', '/api/public/projects', 200],
    // `get_prompt()` then takes its fallback.
    ['GET', '/api/public/v2/prompts/x', 404],
  ])('%s %s is answered', async (method, path, status) => {
    const { send: sendOne, store } = createTestHandler();
    const answer = await sendOne({ method, path, body: method === 'GET' ? '' : '[]' });
    expect(answer.statusCode).toBe(status);
    expect(store.batches).toEqual([]);
    if (path.endsWith('/media')) expect(JSON.parse(answer.body).uploadUrl).toBeNull();
    const { send: sendAnonymous } = createTestHandler();
    const refused = await sendAnonymous({ method, path, headers: { authorization: '' }, body: '' });
    expect(refused.statusCode).toBe(status === 404 ? 404 : 401);
  });
});
