/** The rules of an OTLP log record that hold in both encodings: which are kept, and what those need. */

import type { Attributes, OtelLog } from '../../wire/genai/index.ts';
import { isMessageEvent } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { cleanText } from '../../wire/text.ts';
import { DecodeError, tooLarge } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { momentFromNanos } from '../validation/timestamp.ts';
import { emptyAttributes, idFault } from './span-intake.ts';

/** A log record as a decoder found it, not yet believed. */
export interface LogDraft {
  /** Hex digits in lower case; empty when absent. */
  traceId: string;
  spanId: string;
  /** The field of that name; older senders have an attribute `event.name` instead. */
  eventName: string;
  /** Nanoseconds since 1970; 0 means "not set", null means that it cannot be read. */
  timeNanos: bigint | null;
  observedNanos: bigint | null;
  attributes: Attributes;
  body: JsonValue;
}

/** A log record to be filled by a decoder. */
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
 * Takes in the log records of one body. Those that carry messages of a model call are kept, or
 * rejected when they do not say of which span; all others are somebody's logs, and no business of ours.
 */
export class LogIntake {
  readonly logs: OtelLog[] = [];
  readonly #rejections: Rejections;
  #count = 0;
  #finished = 0;

  constructor(rejections: Rejections) {
    this.#rejections = rejections;
  }

  /** Call it before a record is read, so that a body of empty records cannot fill the memory. */
  countLog(): void {
    this.#count++;
    if (this.#count > LIMITS.maxRecordsPerBatch) {
      throw new DecodeError(tooLarge(`A body may hold ${LIMITS.maxRecordsPerBatch} log records.`));
    }
  }

  finish(draft: LogDraft, resource: Attributes): void {
    const place = this.#finished++;
    const name = nameOf(draft);
    if (!isMessageEvent(name)) return;
    const fault = idFault({ ...draft, parentSpanId: '' });
    if (fault !== null) {
      this.#rejections.add({ kind: 'prompt', id: `logRecords[${place}]`, ...fault });
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
  return nanos === null ? null : momentFromNanos(nanos);
}
