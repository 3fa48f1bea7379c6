/**
 * Records spans of another OpenTelemetry SDK in the program: a span processor for its tracer provider.
 * It does not change or retain these spans.
 */
import type { Span } from '@opentelemetry/api';
import { clockOffset, millisOf } from '../platform/clock.ts';
import { isInstance } from '../platform/values.ts';
import { dropUncounted } from '../report/counts.ts';
import { active, flushAll, type Instance, runtimes, scopeOf } from '../runtime/runtime.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { hasGenAiAttributes } from './otel-span.ts';
import type { EndedSpan } from './otel-types.ts';
import { TracerSpan } from './tracer-span.ts';

/**
 * Options of {@link AgensightSpanProcessor}.
 *
 * @example
 * new AgensightSpanProcessor({ filter: ({ name }) => name !== 'health check' });
 */
export interface SpanProcessorOptions {
  /**
   * Selects the spans to record. When it throws, the span is dropped (`unreadable`).
   * @defaultValue spans of model calls, agents and tools of any known producer, and all spans that
   * contain one, up to the root
   */
  filter?: ((span: EndedSpan) => boolean) | undefined;
}

/** The position of a foreign span that started inside a span of ours. */
interface Position {
  readonly ancestor: RecordingSpan;
  readonly parentId: string;
}

const MAX_REMEMBERED = 10_000;
const SAMPLED = 1;

/**
 * A span processor for the tracer provider of another OpenTelemetry SDK, such as that of Sentry or
 * OpenLLMetry. It registers nothing, and other processors and exporters are not affected. A span that
 * starts inside a `trace` or `span` of ours becomes its child; other traces keep their ids. While the
 * SDK is not initialised, it does nothing. No method throws.
 * @see https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-processor
 *
 * @example
 * const provider = new NodeTracerProvider({ spanProcessors: [theirs, new AgensightSpanProcessor()] });
 */
export class AgensightSpanProcessor {
  readonly #filter: ((span: EndedSpan) => boolean) | undefined;
  /** Ids of spans to be recorded because a span inside them was. */
  readonly #selectedIds = new Bounded<true>();
  readonly #positions = new Bounded<Position>();

  readonly #instance: Instance;

  /** @internal The second parameter is the instance that records the spans. */
  constructor(options: SpanProcessorOptions = {}, instance: Instance = active) {
    this.#instance = instance;
    this.#filter = typeof options?.filter === 'function' ? options.filter : undefined;
  }

  /** Called by the provider when a span starts: remembers the span of ours around it. */
  onStart(span: Span | EndedSpan): void {
    try {
      if (!this.#instance.runtime) return;
      const ancestor = scopeOf(this.#instance)?.span;
      if (!ancestor || ancestor.isEnded) return;
      const parent = parentOf(span as EndedSpan);
      const known = parent === null ? undefined : this.#positions.get(parent);
      const parentId = parent !== null && known?.ancestor === ancestor ? parent : ancestor.id;
      this.#positions.set(span.spanContext().spanId, { ancestor, parentId });
    } catch {
      // The span of the other SDK is not affected.
    }
  }

  /** Called by the provider when a span ends: records the span if it is selected. */
  onEnd(span: EndedSpan): void {
    try {
      this.#record(span);
    } catch {
      dropUncounted(this.#instance.report, 'unreadable');
    }
  }

  /**
   * Delivers all recorded spans.
   * @returns a promise that never rejects, resolved after 10 seconds at the latest
   */
  async forceFlush(): Promise<void> {
    await flushAll(runtimes([this.#instance]), undefined);
  }

  /**
   * Delivers all recorded spans. The SDK itself keeps running.
   * @returns a promise that never rejects, resolved after 10 seconds at the latest
   */
  async shutdown(): Promise<void> {
    await flushAll(runtimes([this.#instance]), undefined);
  }

  #record(span: EndedSpan): void {
    const { runtime } = this.#instance;
    const { traceId, spanId, traceFlags } = span.spanContext();
    const position = this.#positions.take(spanId);
    const isSelected = this.#selectedIds.take(spanId);
    if (!runtime || (traceFlags & SAMPLED) === 0) return;
    if (this.#filter ? !this.#filter(span) : !isSelected && !hasGenAiAttributes(span.attributes))
      return;
    const offset = clockOffset();
    const started = millisOf(span.startTime, offset);
    const above = parentOf(span);
    const remote = { traceId, spanId: above ?? '' };
    const recorded = position
      ? runtime.openChild(position.ancestor, span.name, 'span', started, TracerSpan)
      : runtime.openRoot(span.name, 'span', undefined, remote, started, TracerSpan);
    if (!isInstance(recorded, TracerSpan)) return;
    recorded.copy(span, position ? position.parentId : above);
    if (!position) Object.assign(recorded.trace, { isContinued: above !== null });
    if (above !== null) this.#selectedIds.set(above, true);
    recorded.finish(millisOf(span.endTime, offset));
  }
}

const parentOf = (span: EndedSpan): string | null =>
  (span.parentSpanContext?.spanId ?? span.parentSpanId) || null;

/** A map that forgets its oldest entry when it is full, because some spans never end. */
class Bounded<V> {
  readonly #map = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: V): void {
    this.#map.set(key, value);
    if (this.#map.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#map.keys()) {
      this.#map.delete(oldest);
      return;
    }
  }

  take(key: string): V | undefined {
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }
}
