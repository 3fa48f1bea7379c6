import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { span, trace } from '../../../sdk/index.ts';
import { recorded } from '../support/edge.ts';
import {
  anthropic,
  BY_HAND,
  called,
  claude,
  gemini,
  google,
  gpt,
  messages,
  openai,
  patched,
  serveProviders,
  server,
} from '../support/provider-clients.ts';
import { refuse } from '../support/provider-server.ts';

serveProviders();

const GPT = {
  content: 'It is 27 °C.',
  provider: 'openai',
  model: 'gpt-served',
  prompt_tokens: 11,
  completion_tokens: 7,
  total_tokens: 18,
};
const CHAT = { ...GPT, response_id: 'chatcmpl_1', finish_reason: 'stop', cached_tokens: 4 };
describe('a provider error', () => {
  const NO_QUOTA = { message: 'no quota', type: 'insufficient_quota', code: 'quota_exceeded' };

  it('reaches the caller unchanged, and the span has status, code and request id', async () => {
    server.turns.push(refuse(429, NO_QUOTA, { 'x-request-id': 'req_9' }));
    const client = patched(openai());
    const { span, result, rows } = await called(() =>
      client.chat.completions.create(gpt).catch((error: unknown) => error),
    );
    expect(result).toBeInstanceOf(OpenAI.RateLimitError);
    expect(result).toMatchObject({ status: 429, code: 'quota_exceeded', requestID: 'req_9' });
    expect(rows.completions).toHaveLength(0);
    expect(rows.prompts).toHaveLength(1);
    expect(span).toMatchObject({
      kind: 'llm',
      status: 'error',
      error: { message: expect.stringContaining('no quota') },
      attributes: {
        'http.response.status_code': 429,
        'error.type': 'quota_exceeded',
        'agensight.request_id': 'req_9',
      },
    });
  });

  it('before a successful retry is an event', async () => {
    server.turns.push(refuse(500, { message: 'sorry' }, { 'retry-after-ms': '1' }));
    const client = patched(openai({ maxRetries: 2 }));
    const { span, completion } = await called(() => client.chat.completions.create(gpt));
    expect(span).toMatchObject({
      status: 'ok',
      attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 200 },
      events: [
        {
          name: 'retry',
          attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 500 },
        },
      ],
    });
    expect(completion).toMatchObject(CHAT);
  });

  it.each([
    ['Anthropic', () => patched(anthropic()).messages.create(claude), 'req_8'],
    ['Google', () => patched(google()).models.generateContent(gemini), undefined],
  ])('of %s is recorded, too', async (_, call, requestId) => {
    server.turns.push(refuse(529, { message: 'busy', code: 529 }, { 'request-id': 'req_8' }));
    const { span } = await called(async () => {
      await expect(call()).rejects.toMatchObject({ status: 529 });
    });
    expect(span.status).toBe('error');
    expect(span.attributes).toMatchObject({ 'http.response.status_code': 529 });
    expect((span.attributes as Record<string, unknown>)['agensight.request_id']).toBe(requestId);
  });
});

describe('a function around an instrumented call', () => {
  const ask = async () => {
    const { choices, usage } = await patched(openai()).chat.completions.create(gpt);
    return { content: choices[0]?.message.content ?? '', usage };
  };

  it.each([
    ['the same reply', (_: unknown) => patched(openai()).chat.completions.create(gpt)],
    ['the reply as text', (_: unknown) => ask()],
    ['the reply of a function that it calls', (_: unknown) => span('deeper', ask)()],
  ])('is a plain span when it returns %s', async (_, callLlm) => {
    const { spans, completions, prompts } = await recorded(
      () => trace('main', () => span({ name: 'llm', kind: 'llm' }, callLlm)(messages))(),
      BY_HAND,
    );
    expect(completions).toHaveLength(1);
    expect(prompts).toHaveLength(1);
    const outer = spans.find(({ name }) => name === 'llm');
    expect(outer).toMatchObject({ kind: 'span', status: 'ok', input: messages });
    expect(outer?.output).toMatchObject({ usage: { prompt_tokens: 11 } });
    expect(completions[0]?.span_id).toBe(spans.find(({ kind }) => kind === 'llm')?.id);
  });

  it('records the reply when the instrumented call failed', async () => {
    server.turns.push(refuse(400, { message: 'no' }));
    const callLlm = span({ kind: 'llm', name: 'llm' }, async (_: unknown) => {
      await ask().catch(() => undefined);
      return { content: 'from elsewhere', usage: { prompt_tokens: 1, completion_tokens: 2 } };
    });
    const { completions } = await recorded(() => callLlm(messages), BY_HAND);
    expect(completions).toMatchObject([{ content: 'from elsewhere', prompt_tokens: 1 }]);
  });
});
