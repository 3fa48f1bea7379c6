/**
 * A span that an instrumentation makes by OpenTelemetry's API. It keeps attributes and events as they
 * are, because together they may say, in one of the dialects of `wire/genai`, what a model was asked
 * and what it answered; then it becomes the records that it would become by OTLP.
 */
import type { Attributes, Exception, SpanStatus, TimeInput } from '@opentelemetry/api';
import type { Attributes as Values } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { cleanText, cutText } from '../../wire/text.ts';
import { snapshot } from '../serialize/snapshot.ts';
import { openRoots } from '../span/open-roots.ts';
import type { OwnRecords } from '../span/record-sink.ts';
import { RecordingSpan } from '../span/recording-span.ts';
import { isModelCall, recordsOf } from './genai-spans.ts';
import type { EndedSpan, Scope, TracerEvent } from './otel-types.ts';

/** Long conversations take thousands of keys in some dialects; OpenTelemetry's own limit is 128. */
const MAX_ATTRIBUTES = 8_192;
const MAX_ATTRIBUTE_BYTES = 8_388_608;
const MAX_EVENTS = 1_024;
const MAX_HELD = 64;

const NO_SCOPE: Scope = { name: null, version: null };

export class TracerSpan extends RecordingSpan {
  scope: Scope = NO_SCOPE;
  /** As OpenTelemetry's API counts: 0 is internal. */
  otelKind = 0;
  statusCode = 0;
  statusMessage: string | null = null;
  values: Values = Object.create(null) as Values;
  valueCount = 0;
  moments: TracerEvent[] = [];
  /** Spans of the same call of a model, which end before this one and are told with it. */
  held: TracerSpan[] = [];
  #records: OwnRecords | undefined;

  /** Takes over what a span of another tracer has become. */
  copy(ended: EndedSpan, parentId: string | null): void {
    Object.assign(this, { id: ended.spanContext().spanId, parentId });
    const library = ended.instrumentationScope ?? ended.instrumentationLibrary;
    this.scope = { name: library?.name || null, version: library?.version ?? null };
    this.otelKind = ended.kind;
    this.setAttributes(ended.attributes);
    this.addLinks([...ended.links]);
    for (const { name, time, attributes } of ended.events) this.addEvent(name, attributes, time);
    this.setStatus(ended.status);
  }

  override setAttribute(key: string, value: unknown): this {
    if (this.isEnded || value == null) return this;
    const isNew = !(key in this.values);
    if (isNew && (this.valueCount >= MAX_ATTRIBUTES || this.attributeBytes > MAX_ATTRIBUTE_BYTES)) {
      this.lost += 1;
      return this;
    }
    const kept = plainValue(value);
    this.values[key] = kept;
    if (isNew) this.valueCount += 1;
    this.attributeBytes += key.length + sizeOf(kept) + 8;
    return this;
  }

  override setStatus(status: SpanStatus): this {
    // OK is the last word, and UNSET is none (OpenTelemetry specification).
    if (this.isEnded || this.statusCode === 1) return this;
    const { code, message } = status ?? {};
    if (code !== 1 && code !== 2) return this;
    this.statusCode = code;
    this.statusMessage = code === 2 && message ? cleanText(String(message)) : null;
    return this;
  }

  override recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack } = (
      typeof exception === 'string' ? { message: exception } : (exception ?? {})
    ) as { code?: string | number; name?: string; message?: string; stack?: string };
    const type = code === undefined ? name : String(code);
    this.addEvent(
      'exception',
      {
        ...(type === undefined ? {} : { 'exception.type': type }),
        ...(message === undefined ? {} : { 'exception.message': message }),
        ...(stack === undefined ? {} : { 'exception.stacktrace': stack }),
      },
      time,
    );
  }

  protected override push(name: string, atMillis: number, given: unknown): void {
    if (this.moments.length >= MAX_EVENTS) {
      this.lost += 1;
      return;
    }
    const attributes = Object.create(null) as Values;
    for (const [key, value] of Object.entries((given as Attributes | undefined) ?? {})) {
      if (value != null) attributes[key] = plainValue(value);
    }
    this.moments.push({ name: cleanText(name), atMillis, attributes });
    this.attributeBytes += sizeOf(attributes as JsonValue);
  }

  override finish(endedAt: number): void {
    const outer = this.parent;
    // A call below a call is the same one; together they are told once.
    if (!this.isEnded && outer instanceof TracerSpan && !outer.isEnded) {
      const isRepeat = outer.held.length < MAX_HELD && outer.isModelCall && this.isModelCall;
      if (isRepeat) {
        this.hold(endedAt);
        outer.held.push(this, ...this.held.splice(0));
        return;
      }
    }
    if (!this.isEnded && this.statusCode !== 2 && this.isModelCall) this.#tellAbove();
    super.finish(endedAt);
  }

  /** Ends the span, to be told by another one. */
  hold(endedAt: number): void {
    this.isEnded = true;
    this.endedAt = Math.max(endedAt, this.startedAt);
    openRoots.delete(this);
  }

  /** Functions around the call return its answer, and must not tell it again. */
  #tellAbove(): void {
    for (let above = this.parent; above; above = above.parent) {
      if (!(above instanceof TracerSpan)) above.callsBelow += 1;
    }
  }

  override get isModelCall(): boolean {
    return isModelCall(this);
  }

  override get ownRecords(): OwnRecords {
    this.#records ??= recordsOf(this);
    return this.#records;
  }

  override release(): void {
    super.release();
    this.values = Object.create(null) as Values;
    this.moments = [];
    this.held = [];
    this.#records = undefined;
  }
}

/** A value that nobody changes later. */
function plainValue(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
      return cleanText(cutText(value, LIMITS.maxTextBytes));
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    default:
      return JSON.parse(snapshot(value) ?? 'null') as JsonValue;
  }
}

function sizeOf(value: JsonValue): number {
  if (typeof value === 'string') return value.length;
  return typeof value === 'object' ? JSON.stringify(value).length : 8;
}
