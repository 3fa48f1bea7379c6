import { describe, expect, it } from 'vitest';
import type { Attributes, OtelLog } from '../../../../wire/genai/forms/otel-span.ts';
import { logsToRecords } from '../../../../wire/genai/logs.ts';
import type { JsonValue, PromptRecord } from '../../../../wire/records.ts';
import { json, rowsOf, TRACE } from '../../support/span.ts';

const SPAN = 'b7ad6b7169203331';

function log(name: string, body: JsonValue, more: Partial<OtelLog> = {}): OtelLog {
  return {
    trace_id: TRACE,
    span_id: SPAN,
    name,
    time: '2026-01-02T03:04:05.000000Z',
    attributes: attributes({ 'gen_ai.system': 'openai' }),
    body,
    resource: attributes({ 'service.name': 'desk', 'deployment.environment.name': 'production' }),
    ...more,
  };
}

function attributes(fields: Attributes): Attributes {
  return Object.assign(Object.create(null), fields);
}

const CALL = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };

describe('log records of a call', () => {
  it('are prompts in the order of their time, then of their arrival', () => {
    const late = { time: '2026-01-02T03:04:05.000001Z' };
    const { prompts } = logsToRecords([
      log('gen_ai.tool.message', { id: 'call_1', content: '2' }, late),
      log('gen_ai.system.message', { content: 'Be brief.' }),
      log('gen_ai.user.message', { content: 'Hello?' }),
      log('gen_ai.assistant.message', { tool_calls: [CALL] }),
    ]);
    expect(prompts).toMatchObject([
      { span_id: SPAN, message_index: 0, role: 'system', content: 'Be brief.' },
      { message_index: 1, role: 'user', content: 'Hello?' },
      { message_index: 2, role: 'assistant', content: null, parts: [{ type: 'tool_call' }] },
      { message_index: 3, role: 'tool', content: '2', tool_call_id: 'call_1' },
    ]);
  });

  it.each<[string, JsonValue, Partial<PromptRecord>]>([
    ['whose fields are JSON text', '{"content":"Hello?"}', { content: 'Hello?' }],
    ['without content', '{}', { content: null }],
    ['that is the text itself', 'Hello?', { content: 'Hello?' }],
    ['that is JSON with fields of its own', '{"order":7}', { content: '{"order":7}' }],
  ])('are read from a body %s', (_, body, row) => {
    const { prompts } = logsToRecords([log('gen_ai.user.message', body)]);
    expect(prompts).toMatchObject([{ role: 'user', ...row }]);
  });

  it('have tool calls and finish reason also in a body of JSON text', () => {
    const body = { finish_reason: 'tool_calls', index: 0, message: { tool_calls: [CALL] } };
    const { completions, tools } = logsToRecords([log('gen_ai.choice', json(body))]);
    expect(completions).toMatchObject([{ completion_index: 0, finish_reason: 'tool_calls' }]);
    expect(tools).toMatchObject([{ id: 'call_1', name: 'f', arguments: { a: 1 } }]);
  });

  it('are numbered for each span separately', () => {
    const { prompts } = logsToRecords([
      log('gen_ai.user.message', { content: 'a' }),
      log('gen_ai.user.message', { content: 'b' }, { span_id: '00f067aa0ba902b7' }),
    ]);
    expect(prompts.map(({ message_index }) => message_index)).toEqual([0, 0]);
  });

  it('are completions under their own index, also without those before', () => {
    const second = { index: 1, finish_reason: 'length', message: { content: 'B' } };
    const { completions } = logsToRecords([log('gen_ai.choice', second)]);
    expect(completions).toEqual([
      {
        trace_id: TRACE,
        span_id: SPAN,
        completion_index: 1,
        role: 'assistant',
        content: 'B',
        parts: null,
        finish_reason: 'length',
      },
    ]);
  });

  it.each([
    ['in the message', { index: 0, message: { tool_calls: [CALL] } }],
    ['beside the message', { index: 0, message: { role: 'assistant' }, tool_calls: [CALL] }],
  ])('have tool calls %s', (_, body) => {
    const { tools } = logsToRecords([log('gen_ai.choice', body)]);
    expect(tools).toEqual([
      { trace_id: TRACE, id: 'call_1', span_id: SPAN, name: 'f', arguments: { a: 1 } },
    ]);
  });

  it('have tool results', () => {
    const { tools } = logsToRecords([
      log('gen_ai.assistant.message', { tool_calls: [CALL] }),
      log('gen_ai.tool.message', { id: 'call_1', content: '{"b":2}' }),
    ]);
    expect(tools).toMatchObject([{ id: 'call_1', name: 'f', output: { b: 2 } }]);
  });

  it('may hold all messages in one, as values or as JSON, in the attributes or in the body', () => {
    const fields = {
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief.' }],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'Hi?' }] }],
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'text', content: 'Hi.' }], finish_reason: 'stop' },
      ],
    };
    const texts = Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, json(v)]));
    const name = 'gen_ai.client.inference.operation.details';
    const [values, ...others] = [
      log(name, null, { attributes: attributes(fields) }),
      log(name, null, { attributes: attributes(texts) }),
      log(name, fields),
    ].map((one) => logsToRecords([one]));
    expect(values?.prompts).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi?' },
    ]);
    expect(values?.completions).toMatchObject([{ content: 'Hi.', finish_reason: 'stop' }]);
    for (const other of others) expect(other).toEqual(values);
  });

  it('make the same rows as events of the span', () => {
    const events = [
      { name: 'gen_ai.user.message', attributes: attributes({ content: 'Hello?' }) },
      {
        name: 'gen_ai.choice',
        attributes: attributes({ index: 0, finish_reason: 'stop', message: '{"content":"Hi."}' }),
      },
    ];
    const span = rowsOf(
      { 'gen_ai.operation.name': 'chat' },
      { events: events.map((event) => ({ ...event, time: null })) },
    );
    const rows = logsToRecords(
      events.map(({ name, attributes: fields }) => log(name, null, { attributes: fields })),
    );
    expect(rows.prompts).toEqual(span.prompts);
    expect(span.completions).toMatchObject(rows.completions);
  });

  it('make a trace row without the fields that only spans know', () => {
    const later = { time: '2026-01-02T03:04:09.000000Z' };
    const { traces, sessions, spans } = logsToRecords([
      log('gen_ai.user.message', 'text alone', later),
      log('gen_ai.user.message', { content: 'b' }),
    ]);
    expect(traces).toEqual([
      {
        id: TRACE,
        service_name: 'desk',
        release: null,
        mode: 'prod',
        started_at: '2026-01-02T03:04:05.000000Z',
      },
    ]);
    expect([sessions, spans]).toEqual([[], []]);
  });

  it.each<[string, JsonValue]>([
    ['null', null],
    ['a number', 7],
    ['a list', [1, 'x', { role: 'user', content: 'y' }]],
    ['an index of nonsense', { index: -1e300, message: { content: 'x' } }],
    ['a message of nonsense', { index: 0, message: [[[]]], tool_calls: { __proto__: null } }],
  ])('with the body %s are accepted', (_, body) => {
    for (const name of ['gen_ai.choice', 'gen_ai.tool.message', 'gen_ai.user.message']) {
      expect(() => logsToRecords([log(name, body)])).not.toThrow();
    }
  });
});
