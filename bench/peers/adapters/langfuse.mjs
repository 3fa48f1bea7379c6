// biome-ignore-all lint/correctness/noUndeclaredDependencies: installed on request, outside this package
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { observe } from '@langfuse/tracing';
import { NodeSDK } from '@opentelemetry/sdk-node';

export function start(port) {
  const baseUrl = `http://127.0.0.1:${port}`;
  const processor = new LangfuseSpanProcessor({ publicKey: 'pk-x', secretKey: 'sk-x', baseUrl });
  const sdk = new NodeSDK({ spanProcessors: [processor] });
  sdk.start();
  return {
    wrap: (name, fn) => observe(fn, { name, captureInput: true, captureOutput: true }),
    flush: () => processor.forceFlush(),
    shutdown: () => sdk.shutdown(),
  };
}
