import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, it } from 'vitest';
import { onEachStack } from '../support/stack.ts';

onEachStack('clients without our SDK', (stack) => {
  const batch = () => ({
    batch_id: randomUUID(),
    traces: [{ id: `curl-${randomUUID()}`, name: 'by curl' }],
  });

  it('store a batch, and the same batch twice changes nothing', async () => {
    const sent = batch();
    const body = JSON.stringify(sent);
    const first = await stack().post('/v1/batch', body);
    expect(first).toMatchObject({
      status: 200,
      body: { batch_id: sent.batch_id, stored: { traces: 1, spans: 0 }, rejected: [] },
    });
    const rows = await stack().rows('traces');
    const second = await stack().post('/v1/batch', gzipSync(body), { 'content-encoding': 'gzip' });
    expect(second.body).toEqual(first.body);
    expect(await stack().rows('traces')).toEqual(rows);
  });

  it('get 401 for a wrong token', async () => {
    const reply = await stack().post('/v1/batch', JSON.stringify(batch()), {
      authorization: 'Bearer agn_wrong',
    });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toContain('Bearer');
  });

  it('learn which record was rejected, while the valid ones are stored', async () => {
    const id = randomUUID();
    const reply = await stack().post(
      '/v1/batch',
      JSON.stringify({
        batch_id: randomUUID(),
        spans: [
          { trace_id: id, id: 'good', name: 'good' },
          { trace_id: id, id: 'bad', started_at: 'yesterday' },
        ],
      }),
    );
    expect(reply).toMatchObject({
      status: 200,
      body: { stored: { spans: 1 }, rejected: [{ kind: 'span', id: 'bad', field: 'started_at' }] },
    });
    expect(await stack().rows('spans', { trace_id: id })).toMatchObject([{ id: 'good' }]);
  });

  it('see that the service is well', async () => {
    const health = await fetch(`${stack().endpoint}/v1/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ status: 'ok', schema_version: 1 });
  });

  it.each<[string, (options: object) => SpanExporter]>([
    ['protobuf', (options) => new ProtobufExporter(options)],
    ['JSON', (options) => new JsonExporter(options)],
  ])('send spans by the OpenTelemetry exporter for %s', async (_, createExporter) => {
    const exporter = createExporter({
      url: `${stack().endpoint}/v1/traces`,
      headers: { authorization: `Bearer ${stack().token}` },
    });
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
    const span = provider.getTracer('plain').startSpan('chat gpt-4o-mini', {
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.conversation.id': 'conversation-1',
        'user.id': 'user-1',
        'gen_ai.usage.input_tokens': 12,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.input.messages': JSON.stringify([
          { role: 'user', parts: [{ type: 'text', content: 'Hello?' }] },
        ]),
        'gen_ai.output.messages': JSON.stringify([
          { role: 'assistant', parts: [{ type: 'text', content: 'Hi.' }], finish_reason: 'stop' },
        ]),
      },
    });
    span.end();
    await provider.shutdown();

    const { traceId, spanId } = span.spanContext();
    expect(await stack().rows('traces', { id: traceId })).toMatchObject([
      { session_id: 'conversation-1', user_id: 'user-1', span_count: 1, total_tokens: 17 },
    ]);
    expect(await stack().rows('spans', { trace_id: traceId })).toMatchObject([
      { id: spanId, name: 'chat gpt-4o-mini', kind: 'llm' },
    ]);
    expect(await stack().rows('prompts', { span_id: spanId })).toMatchObject([
      { role: 'user', content: 'Hello?' },
    ]);
    expect(await stack().rows('completions', { span_id: spanId })).toMatchObject([
      { content: 'Hi.', finish_reason: 'stop', prompt_tokens: 12, completion_tokens: 5 },
    ]);
    expect(await stack().rows('sessions', { id: 'conversation-1' })).toHaveLength(1);
  });
});
