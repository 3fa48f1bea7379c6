import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/ingest.ts';
import { maskBatch } from '../../../lambda/protocol/mask-batch.ts';
import { LIMITS } from '../../../wire/protocol.ts';
import type { Batch } from '../../../wire/records.ts';
import { DEFAULT_MASKING } from '../../../wire/redaction/redact-text.ts';
import { KEY_CASES } from '../../wire/redaction/support/key-cases.ts';
import { coreOf, SECRET_CASES, textOf } from '../../wire/redaction/support/secret-cases.ts';
import { functionUrlEvent } from '../support/http-event.ts';
import { jsonRequest, jsonSpan } from '../support/otlp-body.ts';
import { GOOD_TOKEN } from '../support/recording-store.ts';
import { createTestHandler } from '../support/test-handler.ts';

const [, KEY = ''] = KEY_CASES.find(([name]) => name === 'OpenAI') ?? [];
const BATCH_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
const OFF = { secrets: false, personal: [] };

const batchOf = (lists: Partial<Batch>): Batch => ({ batch_id: BATCH_ID, ...lists });

describe('a batch', () => {
  it.each(SECRET_CASES.map((given) => ({ name: given[0], given })))(
    'is stored without a secret in any content: $name',
    ({ given }) => {
      const text = textOf(given);
      const batch = batchOf({
        sessions: [{ id: 's', name: text, metadata: { text } }],
        traces: [
          { id: 't', name: text, input: text, output: [text], tags: [text], error: { text } },
        ],
        spans: [
          {
            trace_id: 't',
            id: 'a',
            attributes: { text },
            events: [{ name: text }],
            output: { deep: [[text]] },
          },
        ],
        prompts: [
          { trace_id: 't', span_id: 'a', message_index: 0, content: text, parts: [{ text }] },
        ],
        completions: [{ trace_id: 't', span_id: 'a', completion_index: 0, content: text }],
        tools: [{ trace_id: 't', id: 'c', arguments: { text }, output: text }],
      });
      const stored = JSON.stringify(maskBatch(batch, DEFAULT_MASKING));
      expect(stored).not.toContain(JSON.stringify(coreOf(given[1])).slice(1, -1));
      expect(maskBatch(batch, OFF)).toBe(batch);
    },
  );

  it('keeps ids, models, counts and times', () => {
    const span = { trace_id: KEY, id: KEY, parent_id: KEY, started_at: '2026-11-29T10:00:00Z' };
    const batch = batchOf({
      sessions: [{ id: KEY, user_id: KEY }],
      traces: [{ id: KEY, session_id: KEY, user_id: KEY, name: 'sk-learn' }],
      spans: [span],
      completions: [
        {
          trace_id: KEY,
          span_id: KEY,
          completion_index: 0,
          model: 'us.anthropic.claude-3-5-sonnet-20241022-v2:0',
          response_id: KEY,
          prompt_tokens: 4111111111,
        },
      ],
      tools: [{ trace_id: KEY, id: KEY, span_id: KEY }],
    });
    expect(maskBatch(batch, DEFAULT_MASKING)).toBe(batch);
  });

  it('stays within the limits, although a mark is longer than an address', () => {
    const name = 'a@b.co '.repeat(146);
    const masked = maskBatch(batchOf({ traces: [{ id: 't', name }] }), {
      secrets: true,
      personal: ['email'],
    });
    const stored = masked.traces?.[0]?.name ?? '';
    expect(stored).toContain('[redacted: email]');
    expect(stored.length).toBeLessThanOrEqual(LIMITS.maxLabelLength);
  });

  it('gets the same content in one batch, in several, and again', () => {
    const value = fc.oneof(fc.constantFrom(...SECRET_CASES.map(textOf)), fc.string(), fc.json());
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), (texts) => {
        const prompts = texts.map((content, message_index) => ({
          trace_id: 't',
          span_id: 's',
          message_index,
          content,
        }));
        const whole = maskBatch(batchOf({ prompts }), DEFAULT_MASKING).prompts;
        const split = prompts.flatMap(
          (prompt) => maskBatch(batchOf({ prompts: [prompt] }), DEFAULT_MASKING).prompts ?? [],
        );
        expect(split).toEqual(whole);
        const again = maskBatch(batchOf({ prompts: whole ?? [] }), DEFAULT_MASKING);
        expect(again.prompts).toEqual(whole);
      }),
      { numRuns: 200, seed: 5 },
    );
  });
});

describe('the ingest function', () => {
  const native = {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ batch_id: BATCH_ID, spans: [{ trace_id: 't', id: 's', input: KEY }] }),
  };

  it.each([
    ['the native protocol', native],
    [
      'OTLP',
      {
        path: '/v1/traces',
        headers: { 'content-type': 'application/json' },
        body: jsonRequest(jsonSpan({ attributes: [{ key: 'note', value: { stringValue: KEY } }] })),
      },
    ],
  ])('masks what a client sends by %s', async (_, request) => {
    const { send, store } = createTestHandler();
    expect((await send(request)).statusCode).toBe(200);
    expect(JSON.stringify(store.batches)).toContain('[redacted: api key]');
    expect(JSON.stringify(store.batches)).not.toContain(KEY);
  });

  it('stores what arrives, if the project masks nothing', async () => {
    const { send, store } = createTestHandler();
    const token = {
      project_id: 'p',
      token_id: 't',
      scopes: ['ingest'],
      expires_at: null,
      masking: OFF,
    };
    store.answers.authenticate = { status: 'known', token };
    await send(native);
    expect(JSON.stringify(store.batches)).toContain(KEY);
  });

  it('masks a batch before it is kept in the overflow', async () => {
    const kept: unknown[] = [];
    const { dependencies, store } = createTestHandler();
    store.answers.ingest = { status: 'retry', afterSeconds: 1, reason: 'unavailable' };
    const handler = createHandler({
      ...dependencies,
      overflow: {
        keep: async (object) => {
          kept.push(object);
          return { status: 'kept', isQueued: true, reason: '' };
        },
      },
    });
    const headers = { ...native.headers, authorization: `Bearer ${GOOD_TOKEN}` };
    const { statusCode } = await handler(functionUrlEvent({ ...native, headers }));
    expect(statusCode).toBe(202);
    expect(JSON.stringify(kept)).toContain('[redacted: api key]');
    expect(JSON.stringify(kept)).not.toContain(KEY);
  });
});
