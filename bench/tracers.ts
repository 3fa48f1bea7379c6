/** The tracers that are compared, each set up as in its documentation. */
import { pathToFileURL } from 'node:url';
import type { Wrappers } from './workload.ts';

export interface Tracer {
  wrap: Wrappers;
  flush(): Promise<unknown>;
  /** Needed if a flush alone does not deliver everything. */
  shutdown?(): Promise<unknown>;
}

export const TRACERS: Record<string, (port: number) => Promise<Tracer>> = {
  agensight: (port) => startAgensight(port, false),
  spooled: (port) => startAgensight(port, true),
  opentelemetry: (port) => startOpenTelemetry(port, false),
  // As in production: batches for another machine are compressed.
  'agensight compressed': (port) => startAgensight(port, false, '0.0.0.0'),
  'opentelemetry compressed': (port) => startOpenTelemetry(port, true),
};

interface Peer {
  wrap: Wrappers['async'];
  flush(): Promise<unknown>;
  shutdown(): Promise<unknown>;
}

/** Starts one of {@link TRACERS}, or another product by the file of its adapter. */
export async function openTracer(tracer: string, port: number): Promise<Tracer> {
  const ours = TRACERS[tracer];
  if (ours) return ours(port);
  const adapter = (await import(pathToFileURL(tracer).href)) as {
    start(port: number): Peer | Promise<Peer>;
  };
  const peer = await adapter.start(port);
  return {
    wrap: { async: peer.wrap, sync: (_name, fn) => fn },
    flush: () => peer.flush(),
    shutdown: () => peer.shutdown(),
  };
}

/**
 * The SDK itself reads the folder of the spool from `AGENSIGHT_SPOOL`. It compresses for every address
 * but those that name this machine; `0.0.0.0` is another name of it, that the SDK does not know.
 */
async function startAgensight(
  port: number,
  hasSpool: boolean,
  host = '127.0.0.1',
): Promise<Tracer> {
  // The built package, as users install it.
  const built = new URL('../dist/agensight.js', import.meta.url).href;
  const { init, span, flush }: typeof import('../sdk/index.ts') = await import(built);
  init({
    name: 'bench',
    mode: 'prod',
    token: 'bench',
    endpoint: `http://${host}:${port}`,
    ...(hasSpool ? {} : { spool: false }),
    onWarning: () => undefined,
  });
  return {
    wrap: { async: (name, fn) => span(name, fn), sync: (name, fn) => span(name, fn) },
    flush: () => flush(),
  };
}

async function startOpenTelemetry(port: number, compresses: boolean): Promise<Tracer> {
  const { context, trace } = await import('@opentelemetry/api');
  const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
  const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;
  type Compression = NonNullable<Options['compression']>;
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const exporter = new OTLPTraceExporter({
    url: `http://127.0.0.1:${port}/v1/traces`,
    compression: (compresses ? 'gzip' : 'none') as Compression,
  });
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  const tracer = trace.getTracer('bench');
  return {
    wrap: {
      async: (name, fn) =>
        ((messages) =>
          tracer.startActiveSpan(name, async (span) => {
            span.setAttribute('input.value', JSON.stringify(messages));
            try {
              const result = await fn(messages);
              span.setAttribute('output.value', JSON.stringify(result));
              return result;
            } finally {
              span.end();
            }
          })) as typeof fn,
      sync: (name, fn) =>
        ((messages) =>
          tracer.startActiveSpan(name, (span) => {
            span.setAttribute('input.value', JSON.stringify(messages));
            try {
              const result = fn(messages);
              span.setAttribute('output.value', JSON.stringify(result));
              return result;
            } finally {
              span.end();
            }
          })) as typeof fn,
    },
    flush: () => provider.forceFlush(),
  };
}
