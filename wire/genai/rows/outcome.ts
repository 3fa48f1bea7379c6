/** Whether a span failed, and how. */

import { text } from '../../json.ts';
import type { STATUSES } from '../../protocol.ts';
import type { JsonValue } from '../../records.ts';
import type { OtelSpan } from '../forms/otel-span.ts';
import type { ParsedSpan } from '../provider/model.ts';

type Status = (typeof STATUSES)[number];
type ErrorValue = { [key: string]: JsonValue };

export interface Outcome {
  status: Status;
  error: ErrorValue | null;
}

/**
 * A span failed when its status is error, when it has an exception event or an error type, or when its
 * attributes state a failure. Some instrumentations leave the status unset or even ok.
 */
export function outcomeOf(span: OtelSpan, failure: ParsedSpan['failure']): Outcome {
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes;
  const errorType = text(span.attributes['error.type']);
  const failed =
    span.status_code === 2 ||
    exception !== undefined ||
    errorType !== null ||
    failure !== undefined;
  if (!failed) return { status: span.status_code === 1 ? 'ok' : 'unset', error: null };
  const error: ErrorValue = {};
  const type = text(exception?.['exception.type']) ?? errorType ?? failure?.type ?? null;
  const message =
    text(exception?.['exception.message']) ??
    failure?.message ??
    text(span.status_message) ??
    text(span.attributes['error.message']);
  const stack = text(exception?.['exception.stacktrace']);
  if (type !== null) error.type = type;
  if (failure?.code != null) error.code = failure.code;
  if (message !== null) error.message = message;
  if (stack !== null) error.stack = stack;
  return { status: 'error', error: Object.keys(error).length > 0 ? error : null };
}
