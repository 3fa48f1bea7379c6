/**
 * One open span. It is what OpenTelemetry calls a Span, and when it ends it is what becomes records;
 * one object, so that a call costs one allocation here.
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
import type { SPAN_KINDS } from '../../wire/protocol.ts';
import type { SessionInfo } from '../config/session.ts';
import type { Reply } from '../llm/model.ts';
import type { LlmRequest } from '../llm/read-request.ts';
import { millisOf } from '../platform/clock.ts';
import { spanId } from '../platform/ids.ts';
import { isList } from '../platform/values.ts';
import { counts } from '../report/counts.ts';
import { errorJson } from '../serialize/error-json.ts';
import { snapshot } from '../serialize/snapshot.ts';
import type { ActiveSpan } from './active-span.ts';
import type { CallInfo } from './call-info.ts';
import type { OwnRecords } from './record-sink.ts';
import type { TraceState } from './trace-state.ts';

export type SpanKindName = (typeof SPAN_KINDS)[number];

/** A thing that happened at a moment of a span. */
export interface SpanEvent {
  readonly name: string;
  readonly atMillis: number;
  /** JSON text of an object. */
  readonly attributes: string | null;
}

/** Attributes and events of one span; more are counted, not kept. */
const MAX_ATTRIBUTES = 512;
const MAX_EVENTS = 512;

const BRAND = Symbol.for('agensight.span.v1');

/** Whether a span is one of ours, made by whichever build of the SDK. */
export const isRecordingSpan = (span: Span): span is RecordingSpan => BRAND in span;

/** Who opened a span, and takes it when it has ended. */
export interface SpanOwner {
  readonly settings: {
    readonly captureContent: boolean;
    readonly session: SessionInfo | undefined;
  };
  /** Runs a function with the span as the current one. */
  run<R>(span: RecordingSpan, fn: () => R): R;
  take(span: RecordingSpan): void;
}

export class RecordingSpan implements ActiveSpan {
  declare readonly runtime: SpanOwner;
  declare readonly trace: TraceState;
  declare readonly parentId: string | null;
  /** The parent in this process, until this span is written. */
  parent: RecordingSpan | null;
  declare readonly isRoot: boolean;
  readonly id: string = spanId();
  declare readonly startedAt: number;
  name: string;
  kind: SpanKindName | null;
  endedAt = 0;
  isEnded = false;
  status: 'unset' | 'ok' | 'error' = 'unset';
  /** JSON text, as are input and output. */
  error: string | null = null;
  input: string | null = null;
  output: string | null = null;
  request: LlmRequest | undefined = undefined;
  reply: Reply | undefined = undefined;
  /** Values are JSON text. */
  attributes: Map<string, string> | null = null;
  attributeBytes = 0;
  events: SpanEvent[] | null = null;
  /** Attributes and events beyond the bound. */
  lost = 0;
  capturesContent: boolean;
  /** Of an instrumented call of a model. */
  call: CallInfo | null = null;
  /** Instrumented calls of models below this span: what they tell, this span does not tell again. */
  callsBelow = 0;
  /** The same of embeddings, directly below. */
  embeddingsBelow = 0;

  constructor(
    runtime: SpanOwner,
    trace: TraceState,
    parent: RecordingSpan | null,
    parentId: string | null,
    isRoot: boolean,
    name: string,
    kind: SpanKindName | null,
    startedAt: number,
  ) {
    this.runtime = runtime;
    this.trace = trace;
    this.parent = parent;
    this.parentId = parentId;
    this.isRoot = isRoot;
    this.name = name;
    this.kind = kind;
    this.startedAt = startedAt;
    this.capturesContent = runtime.settings.captureContent;
    if (trace.isSampled) return;
    // A span that ended before it began takes nothing in, and yet can be the current one.
    this.isEnded = true;
    counts.unsampled += 1;
  }

  /** As a scope, a span is its own span, and its session is that of its trace. */
  get span(): RecordingSpan {
    return this;
  }

  get [BRAND](): true {
    return true;
  }

  get session(): SessionInfo | undefined {
    return this.trace.session;
  }

  /** Ends the span now or at a given time. Only the first end counts. */
  finish(endedAt: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.endedAt = Math.max(endedAt, this.startedAt);
    // The call has a span of its own; this one is the step around it.
    if (this.kind === 'llm' && this.isAroundCall) this.kind = 'span';
    this.runtime.take(this);
  }

  /** The records of a span that writes them by itself. */
  get ownRecords(): OwnRecords | undefined {
    return undefined;
  }

  /** Whether it says of itself that it is a call of a model. */
  get isModelCall(): boolean {
    return false;
  }

  /** Whether it is an instrumented call below this span that tells what the model said. */
  get isAroundCall(): boolean {
    return this.callsBelow > 0 && this.call === null;
  }

  /** Lets go of what is written, because a long-lived context may keep the span itself. */
  forget(): void {
    this.input = this.output = this.error = null;
    this.request = this.reply = undefined;
    this.attributes = this.events = null;
    this.parent = this.call = null;
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
    // A list may change before the span ends; its text now may not.
    const json = snapshot(value) ?? 'null';
    this.attributes.set(key, json);
    this.attributeBytes += key.length + json.length + 8;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    try {
      for (const key of Object.keys(attributes)) this.setAttribute(key, attributes[key]);
    } catch {
      this.lost += 1;
    }
    return this;
  }

  addEvent(name: string, second?: Attributes | TimeInput, third?: TimeInput): this {
    if (this.isEnded) return this;
    const time = third ?? (isTime(second) ? second : undefined);
    this.push(String(name), this.#at(time), isTime(second) ? undefined : second);
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
    // 1 is OK, 2 is ERROR, and UNSET changes nothing (OpenTelemetry specification).
    if (status?.code === 1) this.status = 'ok';
    if (status?.code !== 2) return this;
    this.status = 'error';
    if (status.message && this.capturesContent)
      this.error ??= snapshot({ message: status.message });
    return this;
  }

  updateName(name: string): this {
    if (!this.isEnded) this.name = String(name);
    return this;
  }

  /** The first exception is the error of the span, later ones are events; the status stays. */
  recordException(exception: Exception, time?: TimeInput): void {
    if (this.isEnded) return;
    const fault = errorJson(exception, this.capturesContent);
    if (this.error === null) this.error = fault;
    else this.#keep({ name: 'exception', atMillis: this.#at(time), attributes: fault });
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
    try {
      const result = this.runtime.run(this, fn);
      // Listening to it would handle a rejection that the program does not handle.
      if (result instanceof Promise) result.then(undefined, (thrown) => this.recordError(thrown));
      return result;
    } catch (thrown) {
      this.recordError(thrown);
      throw thrown;
    }
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
    const at = time === undefined ? this.now() : millisOf(time, this.trace.clockOffset);
    return Number.isFinite(at) ? at : this.now();
  }
}

const isTime = (value: unknown): value is TimeInput =>
  typeof value === 'number' || value instanceof Date || isList(value);
