/**
 * A span that records: it implements OpenTelemetry's `Span`, and its records are written from it after
 * its end. One object serves both, so that a call costs one allocation.
 */

import type {
  Attributes,
  Exception,
  Link,
  Span,
  SpanContext,
  SpanStatus,
  TimeInput,
} from '@opentelemetry/api';
import type { Masking } from '../../wire/redaction/redact-text.ts';
import type { SessionInfo } from '../config/session.ts';
import type { Reply } from '../llm/model.ts';
import type { LlmRequest } from '../llm/read-request.ts';
import { isOtelTime, millisOf } from '../platform/clock.ts';
import { spanId } from '../platform/ids.ts';
import { observePromise } from '../platform/promises.ts';
import { attempt, hasFields, isList } from '../platform/values.ts';
import type { Report } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import { errorJson } from '../serialize/error-json.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { ActiveSpan, SpanKindName } from './active-span.ts';
import type { CallInfo } from './call-info.ts';
import type { OwnRecords, SpanEvent } from './record-sink.ts';
import type { TraceState } from './trace-state.ts';

/** Attributes and events of one span; further ones are counted in `lost`. */
const MAX_ATTRIBUTES = 512;
const MAX_EVENTS = 512;

const BRAND = Symbol.for('agensight.span.v1');

/** Whether this SDK, in any loaded copy, created the span. */
export const isRecordingSpan = (span: Span): span is RecordingSpan => BRAND in span;

/** Chooses what is recorded of the arguments, or of the result, of a call. */
export type Mapper = (value: unknown) => unknown;

/** Opens spans, and receives them when they have ended. */
export interface SpanOwner {
  readonly settings: {
    readonly captureContent: boolean;
    readonly masking: Masking;
    readonly session: SessionInfo | undefined;
  };
  readonly instance: { readonly report: Report };
  readonly warn: Warn;
  /** Runs a function with the span as the current one. */
  run<R>(span: RecordingSpan, fn: () => R): R;
  take(span: RecordingSpan): void;
}

/** The scope around a span that belongs to another instance of the SDK. */
interface OuterScope {
  readonly span: RecordingSpan | undefined;
  readonly session: SessionInfo | undefined;
}

export class RecordingSpan implements ActiveSpan {
  declare readonly owner: SpanOwner;
  declare readonly trace: TraceState;
  declare readonly parentId: string | null;
  /** The parent in this process; null after the records of this span were written. */
  parent: RecordingSpan | null;
  /** The scope of another instance of the SDK around this span, or around its ancestors. */
  outer: OuterScope | undefined = undefined;
  declare readonly isRoot: boolean;
  readonly id: string = spanId();
  declare readonly startedAt: number;
  name: string;
  kind: SpanKindName | null;
  endedAt = 0;
  isEnded = false;
  status: 'unset' | 'ok' | 'error' = 'unset';
  /** JSON text, like `input` and `output`. */
  error: string | null = null;
  input: string | null = null;
  output: string | null = null;
  request: LlmRequest | undefined = undefined;
  reply: Reply | undefined = undefined;
  /** The id of the model's call that a tool answers, where its arguments have it. */
  toolCallId: string | null = null;
  /** Values are JSON text. */
  attributes: Map<string, string> | null = null;
  attributeBytes = 0;
  events: SpanEvent[] | null = null;
  /** Number of attributes and events beyond the limits. */
  lost = 0;
  capturesContent: boolean;
  /** The option `output` of the function. */
  outputMapper: Mapper | null = null;
  /** Set when the span is an instrumented model call. */
  call: CallInfo | null = null;
  /** Number of recorded model calls below this span, whose response this span must not record again. */
  callsBelow = 0;
  /** Number of recorded embedding calls directly below this span. */
  embeddingsBelow = 0;
  /** Number of tools directly below this span. */
  toolsBelow = 0;
  /** Called when a model call below this span has ended. */
  whenCallEnds: (() => void) | null = null;

  constructor(
    owner: SpanOwner,
    trace: TraceState,
    parent: RecordingSpan | null,
    parentId: string | null,
    isRoot: boolean,
    name: string,
    kind: SpanKindName | null,
    startedAt: number,
  ) {
    this.owner = owner;
    this.trace = trace;
    this.parent = parent;
    if (parent !== null) this.outer = parent.outer;
    this.parentId = parentId;
    this.isRoot = isRoot;
    this.name = name;
    this.kind = kind;
    this.startedAt = startedAt;
    this.capturesContent = owner.settings.captureContent;
    if (trace.isSampled) return;
    // An ended span records nothing, but can still be the current one.
    this.isEnded = true;
    owner.instance.report.counts.unsampled += 1;
  }

  /** A span is also its own scope in the context storage. */
  get span(): RecordingSpan {
    return this;
  }

  get [BRAND](): true {
    return true;
  }

  get session(): SessionInfo | undefined {
    return this.trace.session;
  }

  /** Ends the span at the given time. Later calls have no effect. */
  finish(endedAt: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.endedAt = Math.max(endedAt, this.startedAt);
    // The model call has its own span; this one is a step around it.
    if (this.kind === 'llm' && this.isAroundCall) this.kind = 'span';
    if (this.call !== null || this.isModelCall) {
      for (let above = this.parent; above; above = above.parent) above.whenCallEnds?.();
    }
    this.owner.take(this);
  }

  /** The records of a span that does not use the default writer. */
  get ownRecords(): OwnRecords | undefined {
    return undefined;
  }

  /** Whether its attributes describe a model call. */
  get isModelCall(): boolean {
    return false;
  }

  /** Whether a model call below this span records the response. */
  get isAroundCall(): boolean {
    return this.callsBelow > 0 && this.call === null;
  }

  /** Releases the recorded data, because a long-lived context may keep a reference to the span. */
  release(): void {
    this.input = this.output = this.error = null;
    this.request = this.reply = undefined;
    this.attributes = this.events = null;
    this.parent = this.call = this.whenCallEnds = null;
  }

  now(): number {
    return performance.now() + this.trace.clockOffset;
  }

  spanContext(): SpanContext {
    return { traceId: this.trace.id, spanId: this.id, traceFlags: this.trace.isSampled ? 1 : 0 };
  }

  setAttribute(key: string, value: unknown): this {
    if (this.isEnded || value == null) return this;
    this.attributes ??= new Map();
    if (this.attributes.size >= MAX_ATTRIBUTES && !this.attributes.has(key)) {
      this.lost += 1;
      return this;
    }
    // Captured as text, because the caller may change a list before the span ends.
    const json = snapshot(value) ?? 'null';
    this.attributes.set(key, json);
    this.attributeBytes += key.length + json.length + 8;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    // Of a text or of bytes, each unit would be an attribute.
    if (!hasFields(attributes) || isList(attributes) || ArrayBuffer.isView(attributes)) return this;
    try {
      const keys = Object.keys(attributes);
      const read = keys.slice(0, 2 * MAX_ATTRIBUTES);
      for (const key of read) this.setAttribute(key, attributes[key]);
      this.lost += keys.length - read.length;
    } catch {
      this.lost += 1;
    }
    return this;
  }

  addEvent(name: string, second?: Attributes | TimeInput, third?: TimeInput): this {
    if (this.isEnded) return this;
    const time = third ?? (isOtelTime(second) ? second : undefined);
    this.push(
      attempt(() => String(name)) ?? 'event',
      this.#at(time),
      isOtelTime(second) ? undefined : second,
    );
    return this;
  }

  addLink(link: Link): this {
    try {
      const { traceId, spanId: linked } = link.context;
      this.push('link', this.now(), { ...link.attributes, trace_id: traceId, span_id: linked });
    } catch {
      this.lost += 1;
    }
    return this;
  }

  addLinks(links: Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (this.isEnded || this.status === 'ok') return this;
    const { code, message } = attempt(() => ({ ...status })) ?? {};
    // 1 is OK, 2 is ERROR; UNSET has no effect (OpenTelemetry specification).
    if (code === 1) this.status = 'ok';
    if (code !== 2) return this;
    this.status = 'error';
    if (message && this.capturesContent) this.error ??= snapshot({ message });
    return this;
  }

  updateName(name: string): this {
    if (!this.isEnded) this.name = attempt(() => String(name)) ?? this.name;
    return this;
  }

  /** The first exception becomes the error of the span, later ones become events. Keeps the status. */
  recordException(exception: Exception, time?: TimeInput): void {
    if (this.isEnded) return;
    const json = errorJson(exception, this.capturesContent);
    if (this.error === null) this.error = json;
    else this.#keep({ name: 'exception', atMillis: this.#at(time), attributes: json });
  }

  setInput(value: unknown): this {
    if (!this.isEnded && this.capturesContent) this.input = snapshot(value);
    return this;
  }

  setOutput(value: unknown): this {
    if (!this.isEnded && this.capturesContent) this.output = snapshot(value);
    return this;
  }

  recordError(error: unknown): this {
    this.recordException(error as Exception);
    if (!this.isEnded) this.status = 'error';
    return this;
  }

  run<R>(fn: () => R): R {
    let result: R;
    try {
      result = this.owner.run(this, fn);
    } catch (thrown) {
      this.recordError(thrown);
      throw thrown;
    }
    const fail = (thrown: unknown): void => void this.recordError(thrown);
    return observePromise(result, fail) as R;
  }

  [Symbol.dispose](): void {
    this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  isRecording(): boolean {
    return !this.isEnded;
  }

  end(endTime?: TimeInput): void {
    this.finish(this.#at(endTime));
  }

  protected push(name: string, atMillis: number, attributes: unknown): void {
    this.#keep({ name, atMillis, attributes: snapshot(attributes) });
  }

  #keep(event: SpanEvent): void {
    this.events ??= [];
    if (this.events.length < MAX_EVENTS) this.events.push(event);
    else this.lost += 1;
  }

  #at(time: TimeInput | undefined): number {
    const at = isOtelTime(time)
      ? (attempt(() => millisOf(time, this.trace.clockOffset)) ?? Number.NaN)
      : this.now();
    return Number.isFinite(at) ? at : this.now();
  }
}
