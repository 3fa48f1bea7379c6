/** The span processor in the tracer provider of another OpenTelemetry SDK. */
import { trace as otel, ROOT_CONTEXT, type Tracer } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import {
  AgensightSpanProcessor,
  type SpanProcessorOptions,
  status,
  trace,
} from '../../../sdk/index.ts';
import type { RecordLists } from '../../../wire/records.ts';
import { recorded } from '../support/edge.ts';

const CALL = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-asked',
  'gen_ai.usage.input_tokens': 11,
  'gen_ai.usage.output_tokens': 7,
  'gen_ai.input.messages': JSON.stringify([
    { role: 'user', parts: [{ type: 'text', content: 'How warm is it?' }] },
  ]),
  'gen_ai.output.messages': JSON.stringify([
    {
      role: 'assistant',
      parts: [{ type: 'text', content: 'It is 27 °C.' }],
      finish_reason: 'stop',
    },
  ]),
};

/** The spans that the other exporter received, and our records. */
async function beside(
  work: (tracer: Tracer) => unknown,
  options?: SpanProcessorOptions,
): Promise<{ theirs: string[]; rows: RecordLists }> {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [new SimpleSpanProcessor({ exporter }), new AgensightSpanProcessor(options)],
  });
  const rows = await recorded(async () => {
    await work(provider.getTracer('their-library', '1.2.3'));
    await provider.forceFlush();
  });
  const theirs = exporter.getFinishedSpans().map(({ name }) => name);
  await provider.shutdown();
  return { theirs, rows };
}

/** A request that queries a database and, in a step, calls a model. */
function handleRequest(tracer: Tracer): void {
  const request = tracer.startSpan('GET /');
  const inRequest = otel.setSpan(ROOT_CONTEXT, request);
  tracer.startSpan('select', { attributes: { 'db.system.name': 'postgresql' } }, inRequest).end();
  const step = tracer.startSpan('step', {}, inRequest);
  const inStep = otel.setSpan(ROOT_CONTEXT, step);
  const call = tracer.startSpan('chat gpt-asked', { attributes: CALL }, inStep);
  tracer.startSpan('POST', {}, otel.setSpan(ROOT_CONTEXT, call)).end();
  call.end();
  step.end();
  request.end();
}

const namesOf = ({ spans }: RecordLists): unknown[] => spans.map(({ name }) => name);

describe('the span processor', () => {
  it('records model calls and the spans around them, and does not affect the other exporter', async () => {
    const { theirs, rows } = await beside(handleRequest);
    expect(theirs).toEqual(['select', 'POST', 'chat gpt-asked', 'step', 'GET /']);
    expect(namesOf(rows)).toEqual(['chat gpt-asked', 'step', 'GET /']);
    expect(rows.completions).toMatchObject([
      {
        content: 'It is 27 °C.',
        model: 'gpt-asked',
        provider: 'openai',
        prompt_tokens: 11,
        completion_tokens: 7,
      },
    ]);
    expect(rows.prompts).toMatchObject([{ role: 'user', content: 'How warm is it?' }]);
  });

  it('keeps ids, parents and times, so that both sides can be compared', async () => {
    let ids: string[] = [];
    const { rows } = await beside((tracer) => {
      const outer = tracer.startSpan('outer', { startTime: [1_700_000_000, 5_000] });
      const given = otel.setSpan(ROOT_CONTEXT, outer);
      const inner = tracer.startSpan(
        'chat',
        { attributes: CALL, startTime: [1_700_000_000, 9_000] },
        given,
      );
      inner.end([1_700_000_001, 0]);
      outer.end([1_700_000_002, 0]);
      const { traceId, spanId } = outer.spanContext();
      ids = [traceId, spanId, inner.spanContext().spanId];
    });
    const [traceId, outerId, innerId] = ids;
    expect(rows.spans).toMatchObject([
      {
        trace_id: traceId,
        id: innerId,
        parent_id: outerId,
        kind: 'llm',
        started_at: '2023-11-14T22:13:20.000009Z',
        ended_at: '2023-11-14T22:13:21.000000Z',
      },
      { trace_id: traceId, id: outerId, kind: 'span' },
    ]);
    expect(rows.traces.at(-1)).toMatchObject({ id: traceId, name: 'outer', service_name: 'test' });
  });

  it('makes a span that starts inside our trace its child', async () => {
    const { rows } = await beside((tracer) => trace('ours', () => handleRequest(tracer))());
    const byName = Object.fromEntries(rows.spans.map((one) => [one.name, one]));
    expect(new Set(rows.spans.map(({ trace_id }) => trace_id)).size).toBe(1);
    expect(byName['GET /']?.parent_id).toBe(byName.ours?.id);
    expect(byName.step?.parent_id).toBe(byName['GET /']?.id);
    expect(rows.traces).toMatchObject([{ name: 'ours' }]);
  });

  it('records the spans that a filter selects', async () => {
    const everything = await beside(handleRequest, { filter: () => true });
    expect(namesOf(everything.rows)).toHaveLength(5);
    const none = await beside(handleRequest, { filter: ({ name }) => name === 'nothing' });
    expect(namesOf(none.rows)).toEqual([]);
    expect(none.theirs).toHaveLength(5);
  });

  it('counts a span as created and dropped when its filter throws', async () => {
    const before = status();
    const { theirs, rows } = await beside(handleRequest, {
      filter: () => {
        throw new Error('mine');
      },
    });
    expect(theirs).toHaveLength(5);
    expect(rows.spans).toEqual([]);
    const { created, sent, rejected, dropped, pending, droppedBy } = status();
    expect(dropped - before.dropped).toBe(5);
    expect((droppedBy.unreadable ?? 0) - (before.droppedBy.unreadable ?? 0)).toBe(5);
    expect(created).toBe(sent + rejected + dropped + pending);
  });

  it.each([
    ['ADK', { 'gcp.vertex.agent.llm_request': '{}', 'gcp.vertex.agent.llm_response': '{}' }],
    [
      'Logfire',
      {
        'logfire.json_schema': '{}',
        request_data: '{"model":"m"}',
        'gen_ai.request.model': 'm',
      },
    ],
    ['Pydantic AI', { 'logfire.json_schema': '{}', 'pydantic_ai.all_messages': '[]' }],
    ['the first form of Pydantic AI', { 'logfire.json_schema': '{}', all_messages_events: '[]' }],
    ['Vercel AI SDK', { 'ai.operationId': 'ai.generateText' }],
    ['OpenInference', { 'openinference.span.kind': 'CHAIN' }],
    ['OpenLLMetry', { 'traceloop.span.kind': 'workflow' }],
    ['Laminar', { 'lmnr.span.type': 'TOOL' }],
    ['Langfuse', { 'langfuse.observation.type': 'agent' }],
    ['LangSmith', { 'langsmith.span.kind': 'chain' }],
    ['Mastra', { 'mastra.span.type': 'agent_run' }],
  ])('selects spans of %s by default', async (name, attributes) => {
    const { rows } = await beside((tracer) => tracer.startSpan(name, { attributes }).end());
    expect(namesOf(rows)).toEqual([name]);
  });

  it.each([
    ['HTTP', { 'http.request.method': 'GET' }],
    ['Logfire without a model', { 'logfire.json_schema': '{}', 'logfire.msg': 'GET /' }],
  ])('does not select spans of %s by default', async (name, attributes) => {
    const { rows } = await beside((tracer) => tracer.startSpan(name, { attributes }).end());
    expect(namesOf(rows)).toEqual([]);
  });

  it('records both spans of a call that two nested libraries trace', async () => {
    const { rows } = await beside((tracer) => {
      const outer = tracer.startSpan('ChatOpenAI', { attributes: CALL });
      const inOuter = otel.setSpan(ROOT_CONTEXT, outer);
      tracer.startSpan('chat gpt-asked', { attributes: CALL }, inOuter).end();
      outer.end();
    });
    expect(namesOf(rows).sort()).toEqual(['ChatOpenAI', 'chat gpt-asked']);
    // The database decides that they are one call.
    expect(rows.completions).toHaveLength(2);
  });

  it('takes session and user from attributes of the spans', async () => {
    const { rows } = await beside((tracer) =>
      tracer
        .startSpan('chat', { attributes: { ...CALL, 'session.id': 's1', 'user.id': 'u1' } })
        .end(),
    );
    expect(rows.traces).toMatchObject([{ session_id: 's1', user_id: 'u1' }]);
    expect(rows.sessions).toMatchObject([{ id: 's1', user_id: 'u1' }]);
  });

  it('does nothing while the SDK is not initialised', async () => {
    const exporter = new InMemorySpanExporter();
    const processors = [new AgensightSpanProcessor(), new SimpleSpanProcessor({ exporter })];
    const provider = new TracerProvider({ spanProcessors: processors });
    handleRequest(provider.getTracer('their-library'));
    expect(exporter.getFinishedSpans()).toHaveLength(5);
    await provider.shutdown();
  });
});
