/** The rules of an OTLP span that hold in both encodings: ids and times. */
import type { Attributes, OtelEvent, OtelSpan } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { type JsonValue, RECORDS } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { DecodeError, tooLarge } from '../http/http-error.ts';
import { CUT_KEY } from '../validation/bound-json.ts';
import type { Rejections } from '../validation/rejections.ts';
import { momentFromNanos } from '../validation/timestamp.ts';

/** A span as a decoder found it, not yet believed. */
export interface SpanDraft {
  /** Hex digits in lower case; empty when absent. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  statusCode: number;
  statusMessage: string;
  /** Nanoseconds since 1970; 0 means "not set", null means that it cannot be read. */
  startNanos: bigint | null;
  endNanos: bigint | null;
  attributes: Attributes;
  events: OtelEvent[];
}

/** What the spans of one scope share. */
export interface SpanOrigin {
  scopeName: string;
  scopeVersion: string;
  resource: Attributes;
}

/** Span events in one body, all spans together. */
export const MAX_EVENTS = 50_000;

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ZEROS = /^0*$/;
const MAX_KIND = 5;
const MAX_STATUS_CODE = 2;

/** A span to be filled by a decoder. */
export function emptyDraft(): SpanDraft {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: '',
    name: '',
    kind: 0,
    statusCode: 0,
    statusMessage: '',
    startNanos: 0n,
    endNanos: 0n,
    attributes: emptyAttributes(),
    events: [],
  };
}

/** An object without a prototype, in which `__proto__` is a key like any other. */
export function emptyAttributes(): Attributes {
  return Object.create(null);
}

/** Says how many attributes came, where not all are kept. */
export function markCut(attributes: Attributes, count: number): void {
  if (count > LIMITS.maxKeys) {
    attributes[CUT_KEY] = `…[cut: ${LIMITS.maxKeys} of ${count} keys]`;
  }
}

/** The same for the items of a list. */
export function markCutList(items: JsonValue[], count: number): void {
  if (count > LIMITS.maxItems) items.push(`…[cut: ${LIMITS.maxItems} of ${count} items]`);
}

/** Takes in the spans of one body: bounded, checked, each either kept or rejected. */
export class SpanIntake {
  readonly spans: OtelSpan[] = [];
  readonly #rejections: Rejections;
  #spanCount = 0;
  #eventCount = 0;
  #finished = 0;

  constructor(rejections: Rejections) {
    this.#rejections = rejections;
  }

  /** Call it before a span is read, so that a body of empty spans cannot fill the memory. */
  countSpan(): void {
    this.#spanCount++;
    if (this.#spanCount > LIMITS.maxRecordsPerBatch) {
      throw new DecodeError(tooLarge(`A body may hold ${LIMITS.maxRecordsPerBatch} spans.`));
    }
  }

  /** The same for a span event. */
  countEvent(): void {
    this.#eventCount++;
    if (this.#eventCount > MAX_EVENTS) {
      throw new DecodeError(tooLarge(`A body may hold ${MAX_EVENTS} span events.`));
    }
  }

  finish(draft: SpanDraft, origin: SpanOrigin): void {
    const place = this.#finished++;
    const { startNanos, endNanos } = draft;
    const startedAt = startNanos === null ? null : momentFromNanos(startNanos);
    const endedAt = endNanos === null ? null : momentFromNanos(endNanos);
    const fault =
      idFault(draft) ??
      (startedAt === null ? START_FAULT : null) ??
      (endedAt === null && endNanos !== 0n ? END_FAULT : null);
    if (fault !== null) {
      const id = SPAN_ID.test(draft.spanId) ? draft.spanId : `${RECORDS.span.table}[${place}]`;
      this.#rejections.add({ kind: 'span', id, ...fault });
      return;
    }
    this.spans.push({
      trace_id: draft.traceId,
      span_id: draft.spanId,
      parent_span_id: ZEROS.test(draft.parentSpanId) ? null : draft.parentSpanId,
      name: cleanText(draft.name),
      kind: knownNumber(draft.kind, MAX_KIND),
      status_code: knownNumber(draft.statusCode, MAX_STATUS_CODE),
      status_message: cleanText(draft.statusMessage) || null,
      started_at: startedAt,
      ended_at: endedAt,
      attributes: draft.attributes,
      events: draft.events,
      scope_name: cleanText(origin.scopeName) || null,
      scope_version: cleanText(origin.scopeVersion) || null,
      resource: origin.resource,
    });
  }
}

export interface Fault {
  field: string;
  reason: string;
}

type Ids = Pick<SpanDraft, 'traceId' | 'spanId' | 'parentSpanId'>;

const START_FAULT: Fault = {
  field: 'start_time_unix_nano',
  reason: 'must be in the years 2000 to 2099',
};
const END_FAULT: Fault = {
  field: 'end_time_unix_nano',
  reason: 'must be 0 or in the years 2000 to 2099',
};

/** What is wrong with the ids of a span, or of anything that names one. */
export function idFault({ traceId, spanId, parentSpanId }: Ids): Fault | null {
  if (!TRACE_ID.test(traceId)) return { field: 'trace_id', reason: 'must be 32 hex digits' };
  if (ZEROS.test(traceId)) return { field: 'trace_id', reason: 'must not be all zeros' };
  if (!SPAN_ID.test(spanId)) return { field: 'span_id', reason: 'must be 16 hex digits' };
  if (ZEROS.test(spanId)) return { field: 'span_id', reason: 'must not be all zeros' };
  if (parentSpanId !== '' && !SPAN_ID.test(parentSpanId)) {
    return { field: 'parent_span_id', reason: 'must be 16 hex digits' };
  }
  return null;
}

/** Enums grow: a number that this version does not know reads as 0, "unspecified". */
function knownNumber(value: number, max: number): number {
  return Number.isInteger(value) && value >= 0 && value <= max ? value : 0;
}
