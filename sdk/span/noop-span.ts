/** The span that `startSpan` returns while the SDK is not initialised. */
import type { SpanContext } from '@opentelemetry/api';
import type { ActiveSpan } from './active-span.ts';

const CONTEXT: SpanContext = {
  traceId: /* @__PURE__ */ '0'.repeat(32),
  spanId: /* @__PURE__ */ '0'.repeat(16),
  traceFlags: 0,
};

const same = (): ActiveSpan => NOOP_SPAN;

/** A span whose methods do nothing; its ids are all zeros, as in OpenTelemetry's API. */
export const NOOP_SPAN: ActiveSpan = {
  spanContext: () => CONTEXT,
  setAttribute: same,
  setAttributes: same,
  addEvent: same,
  addLink: same,
  addLinks: same,
  setStatus: same,
  updateName: same,
  setInput: same,
  setOutput: same,
  recordError: same,
  run: (fn) => fn(),
  end: () => undefined,
  [Symbol.dispose]: () => undefined,
  [Symbol.asyncDispose]: () => Promise.resolve(),
  isRecording: () => false,
  recordException: () => undefined,
};
