import { describe, expect, it } from 'vitest';
import type { OtelSpan } from '../../../wire/genai/forms/otel-span.ts';
import { toRecords } from '../../../wire/genai/index.ts';
import { chat, eventWith, json, rowsOf, spanWith, TRACE } from '../support/span.ts';

const ASK = { type: 'tool_call', id: 'c1', name: 'f', arguments: { a: 1, b: 2 } };

function asking(...parts: unknown[]): OtelSpan {
  const output = json([{ role: 'assistant', parts }]);
  return spanWith(chat({ 'gen_ai.output.messages': output }), {
    span_id: '1111111111111111',
    parent_span_id: '9999999999999999',
  });
}

function ran(args: string, more: Partial<OtelSpan> = {}): OtelSpan {
  return spanWith(
    {
      'traceloop.span.kind': 'tool',
      'traceloop.entity.name': 'f',
      'traceloop.entity.input': args,
      'traceloop.entity.output': '"done"',
    },
    {
      span_id: '2222222222222222',
      parent_span_id: '9999999999999999',
      started_at: '2026-01-02T03:04:07.000000Z',
      ended_at: '2026-01-02T03:04:08.000000Z',
      ...more,
    },
  );
}

describe('a tool row', () => {
  it('has the id of the span of its run when the run does not know the call', () => {
    const { tools } = toRecords([ran('{"args":[],"kwargs":{"b":2,"a":1}}'), asking(ASK)]);
    expect(tools).toEqual([
      expect.objectContaining({ id: 'c1', span_id: '1'.repeat(16), arguments: { a: 1, b: 2 } }),
      expect.objectContaining({
        id: '2'.repeat(16),
        run_span_id: '2'.repeat(16),
        output: 'done',
        arguments: { a: 1, b: 2 },
      }),
    ]);
  });

  it('has the call id in every batch when the run knows it', () => {
    const run = spanWith({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'f',
      'gen_ai.tool.call.id': 'c1',
      'gen_ai.tool.call.result': 'done',
    });
    expect(toRecords([run]).tools[0]).toMatchObject({
      id: 'c1',
      output: 'done',
      started_at: run.started_at,
    });
    expect(toRecords([run]).tools[0]?.span_id).toBeUndefined();
  });

  it('gets its output from the next request, and not from older history', () => {
    const turn = (id: string) => [
      { role: 'assistant', tool_calls: [{ id, function: { name: 'f', arguments: '{}' } }] },
      { role: 'tool', tool_call_id: id, content: `result ${id}` },
    ];
    const messages = [
      ...turn('old'),
      { role: 'assistant', content: 'ok' },
      { role: 'user', content: 'again' },
      ...turn('new'),
    ];
    const { tools } = rowsOf(chat({ 'gen_ai.input.messages': json(messages) }));
    expect(tools).toEqual([
      expect.objectContaining({ id: 'new', name: 'f', output: 'result new' }),
    ]);
  });
});

describe('a result without a call id, as from Gemini', () => {
  const call = (name: string) => ({ functionCall: { name, args: { a: 1 } } });
  const result = (name: string, n: number) => ({ functionResponse: { name, response: { n } } });
  const next = (second: number, calls: unknown[], results: unknown[]) =>
    spanWith(
      chat({
        'gen_ai.input.messages': json([
          { role: 'user', parts: [{ text: 'hello' }] },
          { role: 'model', parts: calls },
          { role: 'user', parts: results },
        ]),
      }),
      {
        span_id: `${second}`.repeat(16),
        started_at: `2026-01-02T03:04:0${second}.000000Z`,
      },
    );
  const outputs = (span: OtelSpan) =>
    toRecords([span]).tools.map(({ id, name, output }) => [id, name, output]);

  it('is of the next call of its name, and has an id of its own', () => {
    const calls = [call('f'), call('g'), call('f')];
    const results = [result('g', 2), result('f', 1), result('f', 3)];
    expect(outputs(next(2, calls, results))).toEqual([
      ['2222222222222222:result:0', 'g', { n: 2 }],
      ['2222222222222222:result:1', 'f', { n: 1 }],
      ['2222222222222222:result:2', 'f', { n: 3 }],
    ]);
  });

  it('makes no row when the request has no such call', () => {
    expect(outputs(next(2, [call('f')], [result('g', 1), result('f', 2)]))).toEqual([
      ['2222222222222222:result:1', 'f', { n: 2 }],
    ]);
  });
});

describe('a trace row', () => {
  it('has session and user from any span, and name and status from the root only', () => {
    const root = spanWith({ 'session.id': 's-1' }, { name: 'root', status_code: 1 });
    const leaf = spanWith(
      { 'user.id': 'u-1' },
      {
        span_id: '5555555555555555',
        parent_span_id: root.span_id,
        ended_at: '2026-01-02T03:05:00.000000Z',
      },
    );
    expect(toRecords([leaf, root]).traces).toEqual([
      expect.objectContaining({
        id: TRACE,
        name: 'root',
        status: 'ok',
        session_id: 's-1',
        user_id: 'u-1',
        ended_at: leaf.ended_at,
      }),
    ]);
    expect(toRecords([leaf]).traces[0]).not.toHaveProperty('name');
    expect(toRecords([leaf]).sessions).toEqual([]);
  });

  it('describes the root that ended last, and has the error of any', () => {
    const root = (second: number, more: Partial<OtelSpan>) =>
      spanWith(
        { 'traceloop.span.kind': 'workflow', 'traceloop.entity.output': `"${second}"` },
        {
          span_id: `${second}`.repeat(16),
          name: `root ${second}`,
          ended_at: `2026-01-02T03:04:0${second}.000000Z`,
          ...more,
        },
      );
    const silent = { ...root(9, { status_code: 0 }), attributes: spanWith({}).attributes };
    const roots = [root(8, { status_code: 1 }), root(7, { status_code: 2 }), silent];
    for (const spans of [roots, roots.toReversed()]) {
      expect(toRecords(spans).traces).toMatchObject([
        { name: 'root 9', output: '8', status: 'error' },
      ]);
    }
  });

  it.each([
    ['production', 'prod'],
    ['Prod', 'prod'],
    ['staging', 'dev'],
  ])('has the mode of the environment %s', (word, mode) => {
    const span = spanWith({}, { resource: { 'deployment.environment.name': word } });
    expect(toRecords([span]).traces[0]?.mode).toBe(mode);
    expect(toRecords([spanWith({})]).traces[0]?.mode).toBeNull();
  });

  it('ignores the service name that SDKs generate', () => {
    const span = spanWith({}, { resource: { 'service.name': 'unknown_service:node' } });
    expect(toRecords([span]).traces[0]?.service_name).toBeNull();
  });
});

describe('a span row', () => {
  it('fails on an exception event, which is then stored only as the error', () => {
    const exception = eventWith('exception', {
      'exception.type': 'RateLimit',
      'exception.message': '429',
      'exception.stacktrace': 'at x',
    });
    const { span } = rowsOf(chat(), { status_code: 1, events: [exception] });
    expect(span).toMatchObject({
      status: 'error',
      error: { type: 'RateLimit', message: '429', stack: 'at x' },
      events: null,
    });
  });

  it('never ends before it starts', () => {
    const { span } = rowsOf({}, { ended_at: '2026-01-01T00:00:00.000000Z' });
    expect(span.ended_at).toBe(span.started_at);
  });
});
