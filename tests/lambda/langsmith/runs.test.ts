import { zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTestHandler } from '../support/test-handler.ts';

const ROOT = '01a2272f-b4ee-7f7d-9dd3-bcaea07346e5';
const CALL = '01a2272f-b50b-7040-ae96-9ecc37e7ac11';
const JSON_TYPE = { 'content-type': 'application/json' };
const PATH = `20261129T120247662748Z${ROOT}`;

const posted = {
  id: CALL,
  trace_id: ROOT,
  parent_run_id: ROOT,
  dotted_order: `${PATH}.20261129T120247691957Z${CALL}`,
  name: 'chat',
  run_type: 'llm',
  start_time: '2026-11-29T12:02:47.691957+00:00',
  inputs: { messages: [{ role: 'user', content: 'Hello' }] },
  outputs: {},
  extra: { metadata: { ls_provider: 'openai', ls_model_name: 'gpt-4o-mini', thread_id: 's1' } },
};
const patched = {
  ...posted,
  inputs: undefined,
  end_time: '2026-11-29T12:02:48.352398+00:00',
  outputs: {
    messages: [{ role: 'assistant', content: 'Hi' }],
    usage_metadata: { input_tokens: 5, output_tokens: 2, total_tokens: 7 },
  },
  events: [{ name: 'new_token', time: '2026-11-29T12:02:48.191957+00:00' }],
};

/** Sends bodies to one handler, and returns the answers and what was stored of the last. */
async function send(...requests: { method?: string; path: string; body: unknown }[]) {
  const { send: sendOne, store } = createTestHandler();
  const answers = [];
  for (const { method = 'POST', path, body } of requests) {
    const answer = await sendOne({ method, path, headers: JSON_TYPE, body: JSON.stringify(body) });
    answers.push({ status: answer.statusCode, body: JSON.parse(answer.body) });
  }
  return { answers, batches: store.batches };
}

describe('a run of LangSmith', () => {
  it('that is posted and patched in one batch is one span', async () => {
    const body = { post: [posted], patch: [patched] };
    const { answers, batches } = await send({ path: '/runs/batch', body });
    expect(answers).toMatchObject([{ status: 202, body: { rejected_count: 0 } }]);
    expect(batches).toMatchObject([
      {
        spans: [
          {
            trace_id: ROOT,
            id: CALL,
            parent_id: ROOT,
            name: 'chat',
            kind: 'llm',
            started_at: '2026-11-29T12:02:47.691957Z',
            ended_at: '2026-11-29T12:02:48.352398Z',
          },
        ],
        prompts: [{ role: 'user', content: 'Hello' }],
        completions: [
          { content: 'Hi', provider: 'openai', total_tokens: 7, time_to_first_token_ms: 500 },
        ],
        sessions: [{ id: 's1' }],
      },
    ]);
  });

  it('has no answer before it has ended', async () => {
    const { batches } = await send({ path: '/runs', body: posted });
    expect(batches[0]).toMatchObject({ prompts: [{ content: 'Hello' }] });
    expect(batches[0]?.completions ?? []).toEqual([]);
  });

  it('is updated by the id in the path', async () => {
    const { id: _, ...body } = patched;
    const { answers, batches } = await send({
      method: 'PATCH',
      path: `/api/v1/runs/${CALL}`,
      body,
    });
    expect(answers).toMatchObject([{ status: 202 }]);
    expect(batches).toMatchObject([{ spans: [{ id: CALL }], completions: [{ content: 'Hi' }] }]);
  });

  it('of which an update says little keeps the rest unknown', async () => {
    const body = {
      patch: [{ id: CALL, trace_id: ROOT, end_time: 1795953768352, outputs: { a: 1 } }],
    };
    const { batches } = await send({ path: '/runs/batch', body });
    const [span] = batches[0]?.spans ?? [];
    expect(span).toMatchObject({ id: CALL, ended_at: '2026-11-29T12:02:48.352000Z' });
    for (const key of ['name', 'kind', 'parent_id', 'started_at'] as const) {
      expect(span?.[key] ?? null).toBeNull();
    }
    const [trace] = batches[0]?.traces ?? [];
    expect([trace?.name ?? null, trace?.output ?? null]).toEqual([null, null]);
  });

  it('that starts a trace describes it, with its place from the dotted order alone', async () => {
    const run = {
      id: ROOT,
      dotted_order: PATH,
      name: 'chain',
      run_type: 'chain',
      inputs: { question: 'Q' },
      outputs: { answer: 'A' },
      error: 'ValueError(\'no\')\n\nTraceback (most recent call last):\n  File "a.py"\n',
      tags: ['x'],
    };
    const { batches } = await send({ path: '/runs', body: run });
    expect(batches).toMatchObject([
      {
        traces: [
          {
            id: ROOT,
            name: 'chain',
            input: { question: 'Q' },
            output: { answer: 'A' },
            tags: ['x'],
          },
        ],
        spans: [
          {
            started_at: '2026-11-29T12:02:47.662748Z',
            status: 'error',
            error: { type: 'ValueError', message: "ValueError('no')" },
          },
        ],
      },
    ]);
  });

  it('that is invalid is rejected alone, with its reason', async () => {
    const body = {
      post: [posted, { ...posted, id: 7 }, { id: 'ok', name: 5 }, null, { id: 'a\u0000b' }],
    };
    const { answers, batches } = await send({ path: '/runs/batch', body });
    expect(answers[0]?.status).toBe(202);
    expect(answers[0]?.body.rejected_count).toBe(4);
    expect(answers[0]?.body.rejected).toContainEqual({
      kind: 'span',
      id: 'ok',
      field: 'name',
      reason: 'must be a text',
    });
    expect(batches[0]?.spans).toHaveLength(1);
  });
});

describe('runs in parts', () => {
  const part = (name: string, value: unknown) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${typeof value === 'string' ? value : JSON.stringify(value)}\r\n`;
  const type = { 'content-type': 'multipart/form-data; boundary=b' };

  it('are put together, compressed or not; attachments and feedback are passed over', async () => {
    const { inputs, outputs: _, extra, ...run } = posted;
    const text = [
      part(`post.${CALL}.inputs`, inputs),
      part(`post.${CALL}`, run),
      part(`post.${CALL}.extra`, extra),
      part(`post.${CALL}.outputs`, {}),
      part(`attachment.${CALL}.picture`, '\u0000\u0001'),
      part('feedback.1', { key: 'helpful' }),
      part(`patch.${CALL}`, { id: CALL, trace_id: ROOT, end_time: patched.end_time }),
      part(`patch.${CALL}.outputs`, patched.outputs),
      part(`patch.${CALL}.extra`, extra),
      '--b--\r\n',
    ].join('');
    const bodies = [
      { headers: type, body: Buffer.from(text) },
      { headers: { ...type, 'content-encoding': 'zstd' }, body: zstdCompressSync(text) },
    ];
    for (const { headers, body } of bodies) {
      const { send: sendOne, store } = createTestHandler();
      const answer = await sendOne({ path: '/runs/multipart', headers, body });
      expect(answer.statusCode).toBe(202);
      expect(store.batches).toMatchObject([
        { prompts: [{ content: 'Hello' }], completions: [{ content: 'Hi', total_tokens: 7 }] },
      ]);
      expect(store.batches[0]?.spans).toHaveLength(1);
    }
  });

  it('of which one is not JSON lose that field, and say so', async () => {
    const { send: sendOne, store } = createTestHandler();
    const body = `${part(`post.${CALL}`, posted)}${part(`post.${CALL}.outputs`, '{"a":')}--b--`;
    const answer = await sendOne({ path: '/runs/multipart', headers: type, body });
    expect(JSON.parse(answer.body)).toMatchObject({
      rejected: [{ id: CALL, field: 'outputs', reason: 'is not valid JSON' }],
    });
    expect(store.batches[0]?.spans).toHaveLength(1);
  });
});

describe('a body that is no request of LangSmith', () => {
  it.each([
    ['/runs/batch', JSON_TYPE, '[]', 400],
    ['/runs/batch', JSON_TYPE, '{"post":7}', 400],
    ['/runs/batch', JSON_TYPE, '{', 400],
    ['/runs/batch', { 'content-type': 'text/plain' }, '{}', 415],
    ['/runs/batch', JSON_TYPE, `{"post":${'['.repeat(600)}`, 400],
    [
      '/runs/batch',
      JSON_TYPE,
      JSON.stringify({ post: Array.from({ length: 20_001 }, () => null) }),
      413,
    ],
    ['/runs/multipart', JSON_TYPE, '{}', 415],
    ['/runs/multipart', { 'content-type': 'multipart/form-data' }, '--b--', 400],
    ['/runs', JSON_TYPE, '7', 202],
  ])('%s %o %#: %s', async (path, headers, body, status) => {
    const { send: sendOne, store } = createTestHandler();
    const answer = await sendOne({ path, headers, body });
    expect(answer.statusCode).toBe(status);
    expect(store.batches.flatMap((batch) => batch.spans ?? [])).toEqual([]);
  });
});
