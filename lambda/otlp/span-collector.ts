/** OTLP spans of both encodings: limits, and checks of ids and times. */
import type { Attributes, OtelEvent, OtelSpan } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import { type JsonValue, RECORDS } from '../../wire/records.ts';
import type { Rejection } from '../../wire/reply.ts';
import { cleanText } from '../../wire/text.ts';
import { DecodeError, tooLarge } from '../http/http-error.ts';
import { CUT_KEY } from '../validation/bound-json.ts';
import type { Rejections } from '../validation/rejections.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';

/** A decoded span, not yet checked. */
export interface SpanDraft {
  /** Hex digits in lower case; empty when absent. */
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: number;
  statusCode: number;
  statusMessage: string;
  /** Nanoseconds since 1970; 0 is "not set", null is unreadable. */
  startNanos: bigint | null;
  endNanos: bigint | null;
  attributes: Attributes;
  events: OtelEvent[];
}

/** What all spans of one scope share. */
export interface SpanOrigin {
  scopeName: string;
  scopeVersion: string;
  resource: Attributes;
}

/** Most span events in one body, all spans together. */
export const MAX_EVENTS = 50_000;

const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
const ZEROS = /^0*$/;
const MAX_KIND = 5;
const MAX_STATUS_CODE = 2;

/** An empty span for a decoder to fill. */
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

/** An object without a prototype, in which `__proto__` is an ordinary key. */
export function emptyAttributes(): Attributes {
  return Object.create(null);
}

/** Notes how many attributes were sent when not all are kept. */
export function markCut(attributes: Attributes, count: number): void {
  if (count > LIMITS.maxKeys) {
    attributes[CUT_KEY] = `…[cut: ${LIMITS.maxKeys} of ${count} keys]`;
  }
}

/** The same for the items of a list. */
export function markCutList(items: JsonValue[], count: number): void {
  if (count > LIMITS.maxItems) items.push(`…[cut: ${LIMITS.maxItems} of ${count} items]`);
}

/** Collects the spans of one body: limits their number, and keeps or rejects each. */
export class SpanCollector {
  readonly spans: OtelSpan[] = [];
  readonly #rejections: Rejections;
  #spanCount = 0;
  #eventCount = 0;
  #finished = 0;

  constructor(rejections: Rejections) {
    this.#rejections = rejections;
  }

  /**
   * Call it before a span is decoded, so that a body of empty spans cannot fill the memory.
   *
   * @throws DecodeError over the limit
   */
  countSpan(): void {
    this.#spanCount++;
    if (this.#spanCount > LIMITS.maxRecordsPerBatch) {
      throw new DecodeError(
        tooLarge(`A body may hold at most ${LIMITS.maxRecordsPerBatch} spans.`),
      );
    }
  }

  /** The same for a span event. */
  countEvent(): void {
    this.#eventCount++;
    if (this.#eventCount > MAX_EVENTS) {
      throw new DecodeError(tooLarge(`A body may hold at most ${MAX_EVENTS} span events.`));
    }
  }

  finish(draft: SpanDraft, origin: SpanOrigin): void {
    const place = this.#finished++;
    const { startNanos, endNanos } = draft;
    const startedAt = startNanos === null ? null : timestampFromNanos(startNanos);
    const endedAt = endNanos === null ? null : timestampFromNanos(endNanos);
    const problem =
      findIdError(draft) ??
      (startedAt === null ? START_ERROR : null) ??
      (endedAt === null && endNanos !== 0n ? END_ERROR : null);
    if (problem !== null) {
      const id = SPAN_ID.test(draft.spanId) ? draft.spanId : `${RECORDS.span.table}[${place}]`;
      this.#rejections.add({ kind: 'span', id, ...problem });
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

/** An invalid field, and why it is invalid. */
export type FieldProblem = Pick<Rejection, 'field' | 'reason'>;

type Ids = Pick<SpanDraft, 'traceId' | 'spanId' | 'parentSpanId'>;

const START_ERROR: FieldProblem = {
  field: 'start_time_unix_nano',
  reason: 'must be in the years 2000 to 2099',
};
const END_ERROR: FieldProblem = {
  field: 'end_time_unix_nano',
  reason: 'must be 0 or in the years 2000 to 2099',
};

/** The first invalid id of a span, or of a log record that names a span. */
export function findIdError({ traceId, spanId, parentSpanId }: Ids): FieldProblem | null {
  if (!TRACE_ID.test(traceId)) return { field: 'trace_id', reason: 'must be 32 hex digits' };
  if (ZEROS.test(traceId)) return { field: 'trace_id', reason: 'must not be all zeros' };
  if (!SPAN_ID.test(spanId)) return { field: 'span_id', reason: 'must be 16 hex digits' };
  if (ZEROS.test(spanId)) return { field: 'span_id', reason: 'must not be all zeros' };
  if (parentSpanId !== '' && !SPAN_ID.test(parentSpanId)) {
    return { field: 'parent_span_id', reason: 'must be 16 hex digits' };
  }
  return null;
}

/** Enums grow: a number that this version does not know reads as 0, unspecified. */
function knownNumber(value: number, max: number): number {
  return Number.isInteger(value) && value >= 0 && value <= max ? value : 0;
}
