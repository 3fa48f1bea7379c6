// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

export function start(port) {
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}/v1/traces` });
  const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const tracer = trace.getTracer('bench');
  return {
    wrap: (name, fn) => (messages) =>
      tracer.startActiveSpan(name, async (span) => {
        span.setAttribute('input.value', JSON.stringify(messages));
        try {
          const result = await fn(messages);
          span.setAttribute('output.value', JSON.stringify(result));
          return result;
        } finally {
          span.end();
        }
      }),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}
