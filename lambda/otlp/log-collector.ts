/** OTLP log records of both encodings: which are kept, and how they are checked. */

import type { Attributes, OtelLog } from '../../wire/genai/index.ts';
import { isMessageEvent } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { DecodeError, tooLarge } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { timestampFromNanos } from '../validation/timestamp.ts';
import { emptyAttributes, findIdError } from './span-collector.ts';

/** A decoded log record, not yet checked. */
export interface LogDraft {
  /** Hex digits in lower case; empty when absent. */
  traceId: string;
  spanId: string;
  /** The field of that name; older senders use an attribute `event.name` instead. */
  eventName: string;
  /** Nanoseconds since 1970; 0 is "not set", null is unreadable. */
  timeNanos: bigint | null;
  observedNanos: bigint | null;
  attributes: Attributes;
  body: JsonValue;
}

/** An empty log record for a decoder to fill. */
export function emptyLogDraft(): LogDraft {
  return {
    traceId: '',
    spanId: '',
    eventName: '',
    timeNanos: 0n,
    observedNanos: 0n,
    attributes: emptyAttributes(),
    body: null,
  };
}

/**
 * Collects the log records of one body. Those that carry messages of a model call are kept, or
 * rejected when they do not name its span; all others are unrelated logs and are skipped.
 */
export class LogCollector {
  readonly logs: OtelLog[] = [];
  readonly #rejections: Rejections;
  #count = 0;
  #finished = 0;

  constructor(rejections: Rejections) {
    this.#rejections = rejections;
  }

  /**
   * Call it before a record is decoded, so that a body of empty records cannot fill the memory.
   *
   * @throws DecodeError over the limit
   */
  countLog(): void {
    this.#count++;
    if (this.#count > LIMITS.maxRecordsPerBatch) {
      throw new DecodeError(
        tooLarge(`A body may hold at most ${LIMITS.maxRecordsPerBatch} log records.`),
      );
    }
  }

  finish(draft: LogDraft, resource: Attributes): void {
    const place = this.#finished++;
    const name = nameOf(draft);
    if (!isMessageEvent(name)) return;
    const problem = findIdError({ ...draft, parentSpanId: '' });
    if (problem !== null) {
      this.#rejections.add({ kind: 'prompt', id: `logRecords[${place}]`, ...problem });
      return;
    }
    this.logs.push({
      trace_id: draft.traceId,
      span_id: draft.spanId,
      name,
      time: moment(draft.timeNanos) ?? moment(draft.observedNanos),
      attributes: draft.attributes,
      body: draft.body,
      resource,
    });
  }
}

function nameOf({ eventName, attributes }: LogDraft): string {
  const named = attributes['event.name'];
  return cleanText(eventName) || (typeof named === 'string' ? named : '');
}

function moment(nanos: bigint | null): string | null {
  return nanos === null ? null : timestampFromNanos(nanos);
}
