import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FunctionUrlServer, startFunctionUrl } from '../support/function-url-server.ts';
import { GOOD_TOKEN } from '../support/recording-store.ts';
import { createTestHandler, type TestHandler } from '../support/test-handler.ts';

type Options = ConstructorParameters<typeof ProtobufExporter>[0];

const EXPORTERS = [
  ['protobuf', (options: Options) => new ProtobufExporter(options), 'none'],
  ['protobuf, gzip', (options: Options) => new ProtobufExporter(options), 'gzip'],
  ['JSON', (options: Options) => new JsonExporter(options), 'none'],
  ['JSON, gzip', (options: Options) => new JsonExporter(options), 'gzip'],
] as const;

/** One traced model call, as an application makes it with the OpenTelemetry SDK. */
async function traceOneCall(exporter: SpanExporter): Promise<void> {
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  const span = provider.getTracer('my-lib', '1.2.3').startSpan('chat gpt-4o-mini', {
    kind: SpanKind.CLIENT,
    startTime: new Date('2026-01-02T03:04:05.678Z'),
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.usage.input_tokens': 1217,
      'session.id': 'session-1',
      'my.ratio': 0.25,
      'my.list': ['ä', '😀'],
    },
  });
  span.addEvent('first token', { n: 1 }, new Date('2026-01-02T03:04:05.700Z'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'too long' });
  span.end(new Date('2026-01-02T03:04:06.5Z'));
  await provider.forceFlush();
  await provider.shutdown();
}

describe('OpenTelemetry’s own exporters', () => {
  let server: FunctionUrlServer;
  let lambda: TestHandler;

  beforeEach(async () => {
    lambda = createTestHandler();
    server = await startFunctionUrl(lambda.handler);
  });

  afterEach(() => server.close());

  const options = (compression: 'none' | 'gzip') =>
    ({
      url: `${server.url}/v1/traces`,
      headers: { authorization: `Bearer ${GOOD_TOKEN}` },
      compression,
    }) as Options;

  it.each(EXPORTERS)(
    'deliver a span with all that is in it (%s)',
    async (_name, create, compression) => {
      await traceOneCall(create(options(compression)) as SpanExporter);
      expect(lambda.store.batches).toHaveLength(1);
      const [batch] = lambda.store.batches;
      expect(batch?.batch_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
      expect(batch?.sessions).toMatchObject([{ id: 'session-1' }]);
      expect(batch?.traces).toMatchObject([{ id: batch?.spans?.[0]?.trace_id }]);
      expect(batch?.spans).toMatchObject([
        {
          trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          id: expect.stringMatching(/^[0-9a-f]{16}$/),
          name: 'chat gpt-4o-mini',
          kind: 'llm',
          status: 'error',
          started_at: '2026-01-02T03:04:05.678000Z',
          ended_at: '2026-01-02T03:04:06.500000Z',
          attributes: { 'my.ratio': 0.25, 'my.list': ['ä', '😀'] },
          events: [{ name: 'first token' }],
        },
      ]);
      expect(batch?.completions).toMatchObject([{ model: 'gpt-4o-mini', prompt_tokens: 1217 }]);
    },
  );

  it.each(EXPORTERS)(
    'deliver once more after a 503, under the same batch id (%s)',
    async (_name, create, compression) => {
      const heard: string[] = [];
      const { ingest } = lambda.store;
      lambda.store.ingest = (tokenHash, batch) => {
        heard.push(batch.batch_id);
        return heard.length === 1
          ? Promise.resolve({ status: 'retry', afterSeconds: 1, reason: 'unavailable' })
          : ingest(tokenHash, batch);
      };
      await traceOneCall(create(options(compression)) as SpanExporter);
      expect(heard).toHaveLength(2);
      expect(heard[0]).toBe(heard[1]);
      expect(lambda.store.batches).toHaveLength(1);
    },
  );

  it('reach the aliases of other products by their base URL', async () => {
    for (const path of ['/api/public/otel/v1/traces', '/otel/v1/traces']) {
      await traceOneCall(
        new ProtobufExporter({ ...options('none'), url: server.url + path }) as SpanExporter,
      );
    }
    expect(lambda.store.batches).toHaveLength(2);
  });
});
