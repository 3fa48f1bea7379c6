/**
 * A span that an instrumentation creates by OpenTelemetry's API. It keeps attributes and events as they
 * are, because together they may describe a model call that `wire/genai` reads. Its
 * records are the same that the server makes of a span received by OTLP.
 */
import type { Attributes, Exception, SpanStatus, TimeInput } from '@opentelemetry/api';
import type { Attributes as Values } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { cleanText, cutText } from '../../wire/text.ts';
import { attempt, isInstance } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { OwnRecords } from '../span/record-sink.ts';
import { RecordingSpan } from '../span/recording-span.ts';
import { genAiRecords } from './genai-records.ts';
import { isModelCall } from './otel-span.ts';
import type { EndedSpan, InstrumentationScope, OtelEvent } from './otel-types.ts';

/** Some instrumentations use thousands of keys for a long conversation; OpenTelemetry's default limit is 128. */
const MAX_ATTRIBUTES = 8_192;
const MAX_ATTRIBUTE_BYTES = 8_388_608;
const MAX_EVENTS = 1_024;

const NO_SCOPE: InstrumentationScope = { name: null, version: null };

export class TracerSpan extends RecordingSpan {
  scope: InstrumentationScope = NO_SCOPE;
  /** `SpanKind` of OpenTelemetry's API; 0 is internal. */
  otelKind = 0;
  statusCode = 0;
  statusMessage: string | null = null;
  otelAttributes: Values = Object.create(null) as Values;
  otelAttributeCount = 0;
  otelEvents: OtelEvent[] = [];
  #records: OwnRecords | undefined;

  /** Copies the data of an ended span of another tracer. */
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
    const isNew = !(key in this.otelAttributes);
    if (
      isNew &&
      (this.otelAttributeCount >= MAX_ATTRIBUTES || this.attributeBytes > MAX_ATTRIBUTE_BYTES)
    ) {
      this.lost += 1;
      return this;
    }
    const kept = plainValue(value);
    this.otelAttributes[key] = kept;
    if (isNew) this.otelAttributeCount += 1;
    this.attributeBytes += key.length + sizeOf(kept) + 8;
    return this;
  }

  override setStatus(status: SpanStatus): this {
    // OK is final, and UNSET has no effect (OpenTelemetry specification).
    if (this.isEnded || this.statusCode === 1) return this;
    const { code, message } = attempt(() => ({ ...status })) ?? {};
    if (code !== 1 && code !== 2) return this;
    this.statusCode = code;
    this.statusMessage = code === 2 && message ? cleanText(String(message)) : null;
    return this;
  }

  override recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack } = attempt(() => fieldsOf(exception)) ?? {};
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
    if (this.otelEvents.length >= MAX_EVENTS) {
      this.lost += 1;
      return;
    }
    const attributes = Object.create(null) as Values;
    for (const [key, value] of Object.entries((given as Attributes | undefined) ?? {})) {
      if (value != null) attributes[key] = plainValue(value);
    }
    this.otelEvents.push({ name: cleanText(name), atMillis, attributes });
    this.attributeBytes += sizeOf(attributes as JsonValue);
  }

  override finish(endedAt: number): void {
    if (!this.isEnded && this.statusCode !== 2 && this.isModelCall) this.#countInParents();
    super.finish(endedAt);
  }

  /** The functions around the call return its reply and must not record it again. */
  #countInParents(): void {
    for (let above = this.parent; above; above = above.parent) {
      if (!isInstance(above, TracerSpan)) above.callsBelow += 1;
    }
  }

  override get isModelCall(): boolean {
    return isModelCall(this);
  }

  override get ownRecords(): OwnRecords {
    this.#records ??= genAiRecords(this);
    return this.#records;
  }

  override release(): void {
    super.release();
    this.otelAttributes = Object.create(null) as Values;
    this.otelEvents = [];
    this.#records = undefined;
  }
}

/** A copy of an attribute value, because the caller may change it later. */
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

/** What is recorded of an exception; its fields may be inherited. */
function fieldsOf(exception: Exception): {
  code?: string | number | undefined;
  name?: string | undefined;
  message?: string | undefined;
  stack?: string | undefined;
} {
  if (typeof exception === 'string') return { message: exception };
  const { code, name, message, stack } = (exception ?? {}) as {
    code?: string | number;
    name?: string;
    message?: string;
    stack?: string;
  };
  return { code, name, message, stack };
}
