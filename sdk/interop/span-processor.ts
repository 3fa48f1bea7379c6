/**
 * Takes spans from somebody else's OpenTelemetry: added to a provider, it makes records of the spans
 * that end there, and changes, keeps or stops none of them.
 */
import type { Span } from '@opentelemetry/api';
import { clockOffset, millisOf } from '../platform/clock.ts';
import { dropUncounted } from '../report/counts.ts';
import { flushAll } from '../runtime/flush.ts';
import { active, runtimes } from '../runtime/runtime.ts';
import { storage } from '../span/context.ts';
import type { RecordingSpan } from '../span/recording-span.ts';
import { hasGenAiAttributes, isForeignModelCall } from './genai-spans.ts';
import type { EndedSpan } from './otel-types.ts';
import { TracerSpan } from './tracer-span.ts';

/** Options of {@link AgensightSpanProcessor}. */
export interface SpanProcessorOptions {
  /**
   * Which spans become records. Default: those that tell of models, agents and tools, and the spans
   * that they happened in, up to the root.
   */
  filter?: ((span: EndedSpan) => boolean) | undefined;
}

/** Where a span of theirs stands when it began inside one of ours. */
interface Place {
  readonly around: RecordingSpan;
  readonly parentId: string;
}

const MAX_REMEMBERED = 10_000;
const SAMPLED = 1;

/**
 * A span processor, to be added to the tracer provider of another set-up: Sentry, OpenLLMetry, your own.
 * Nothing is registered, and the other exporters get what they got before. A span that begins inside a
 * `trace` or `span` of ours stands under it in the tables; a trace of theirs keeps its own id otherwise.
 * It does nothing while the SDK is not initialised.
 *
 * @example
 * const provider = new NodeTracerProvider({ spanProcessors: [theirs, new AgensightSpanProcessor()] });
 */
export class AgensightSpanProcessor {
  readonly #filter: ((span: EndedSpan) => boolean) | undefined;
  /** Ids of spans that are to be told because a span inside them was. */
  readonly #wanted = new Bounded<true>();
  readonly #places = new Bounded<Place>();
  readonly #open = new Bounded<EndedSpan>();
  /** Calls inside a call that is still open, by its id: they are the same one, and told with it. */
  readonly #held = new Bounded<TracerSpan[]>(release);

  constructor(options: SpanProcessorOptions = {}) {
    this.#filter = typeof options?.filter === 'function' ? options.filter : undefined;
  }

  /** Notes which of our spans it began in. */
  onStart(span: Span | EndedSpan): void {
    try {
      if (!active.runtime) return;
      this.#open.set(span.spanContext().spanId, span as EndedSpan);
      const around = storage.getStore()?.span;
      if (!around || around.isEnded) return;
      const parent = parentOf(span as EndedSpan);
      const known = parent === null ? undefined : this.#places.get(parent);
      const parentId = parent !== null && known?.around === around ? parent : around.id;
      this.#places.set(span.spanContext().spanId, { around, parentId });
    } catch {
      // Their span is theirs, with or without us.
    }
  }

  /** Takes the span, if it is wanted. */
  onEnd(span: EndedSpan): void {
    try {
      this.#take(span);
    } catch {
      dropUncounted('unreadable');
    }
  }

  /** Delivers what is held. */
  async forceFlush(): Promise<void> {
    await flushAll(runtimes(), undefined);
  }

  /** Delivers what is held; the SDK goes on, for others use it too. */
  async shutdown(): Promise<void> {
    this.#held.clear();
    await flushAll(runtimes(), undefined);
  }

  #take(span: EndedSpan): void {
    const { runtime } = active;
    const { traceId, spanId, traceFlags } = span.spanContext();
    const place = this.#places.take(spanId);
    const held = this.#held.take(spanId) ?? [];
    const isWanted = this.#wanted.take(spanId);
    this.#open.take(spanId);
    if (!runtime || (traceFlags & SAMPLED) === 0) return;
    if (this.#filter ? !this.#filter(span) : !isWanted && !hasGenAiAttributes(span.attributes)) {
      release(held);
      return;
    }
    const offset = clockOffset();
    const started = millisOf(span.startTime, offset);
    const above = parentOf(span);
    const remote = { traceId, spanId: above ?? '' };
    const taken = place
      ? runtime.openChild(place.around, span.name, 'span', started, TracerSpan)
      : runtime.openRoot(span.name, 'span', undefined, remote, started, TracerSpan);
    if (!(taken instanceof TracerSpan)) return;
    taken.copy(span, place ? place.parentId : above);
    if (!place) Object.assign(taken.trace, { isContinued: above !== null });
    taken.held.push(...held);
    if (above !== null) this.#wanted.set(above, true);
    const outer = above === null ? undefined : this.#open.get(above);
    const endedAt = millisOf(span.endTime, offset);
    if (above === null || !outer || !isForeignModelCall(outer) || !taken.isModelCall) {
      taken.finish(endedAt);
      return;
    }
    taken.hold(endedAt);
    this.#held.set(above, [...(this.#held.get(above) ?? []), taken]);
  }
}

/** The span around them will not tell of them. */
function release(held: readonly TracerSpan[]): void {
  for (const span of held) span.owner.take(span);
}

const parentOf = (span: EndedSpan): string | null =>
  (span.parentSpanContext?.spanId ?? span.parentSpanId) || null;

/** A map that forgets the oldest: spans that never end must not be remembered for ever. */
class Bounded<V> {
  readonly #map = new Map<string, V>();
  readonly #forgotten: (value: V) => void;

  constructor(forgotten: (value: V) => void = () => undefined) {
    this.#forgotten = forgotten;
  }

  get(key: string): V | undefined {
    return this.#map.get(key);
  }

  set(key: string, value: V): void {
    this.#map.set(key, value);
    if (this.#map.size <= MAX_REMEMBERED) return;
    for (const [oldest, forgotten] of this.#map) {
      this.#map.delete(oldest);
      this.#forgotten(forgotten);
      return;
    }
  }

  clear(): void {
    for (const value of this.#map.values()) this.#forgotten(value);
    this.#map.clear();
  }

  take(key: string): V | undefined {
    const value = this.#map.get(key);
    this.#map.delete(key);
    return value;
  }
}
