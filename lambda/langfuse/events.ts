/** The events in a body of Langfuse's ingestion, checked and merged by what they are about. */
import * as z from 'zod/mini';
import { LIMITS } from '../../wire/protocol.ts';
import { isObject } from '../../wire/values.ts';
import { type HttpError, malformed, tooLarge } from '../http/http-error.ts';
import type { Rejections } from '../validation/rejections.ts';
import { A_TEXT, optionalText, sentId } from '../validation/sent-fields.ts';

/** `IngestionRequest`: `{batch: [...], metadata}` */
export const ingestionSchema = z.object({ batch: z.array(z.unknown()) });

/** `IngestionEvent`; scores and logs of the SDK are events, too. */
const eventSchema = z.object(
  { id: optionalText, type: z.string(A_TEXT), timestamp: optionalText, body: z.looseObject({}) },
  { error: 'must be an object' },
);

const observationSchema = z.looseObject({
  id: sentId,
  traceId: z.nullish(sentId),
  parentObservationId: z.nullish(sentId),
  name: optionalText,
  level: optionalText,
  statusMessage: optionalText,
  startTime: optionalText,
  endTime: optionalText,
  completionStartTime: optionalText,
});

const traceSchema = z.looseObject({
  id: sentId,
  name: optionalText,
  userId: optionalText,
  sessionId: optionalText,
  release: optionalText,
  timestamp: optionalText,
});

export interface Observation extends z.output<typeof observationSchema> {
  /** Its type in lower case: `span`, `generation`, `event`, `tool` … */
  readonly kind: string;
}

export interface Trace extends z.output<typeof traceSchema> {
  /** When the latest event about it was made. */
  readonly updatedAt: string | null;
}

export interface Events {
  readonly traces: readonly Trace[];
  readonly observations: readonly Observation[];
}

/** `generation-create`, `span-update` … */
const OBSERVATION =
  /^(span|generation|event|observation|agent|tool|chain|retriever|evaluator|embedding|guardrail)-(?:create|update)$/;

/** Reads the events of a body in their order; invalid ones are added to the rejections. */
export function readEvents(value: unknown, rejections: Rejections): Events | HttpError {
  const sent = ingestionSchema.safeParse(value);
  if (!sent.success) return malformed('The body must be {"batch": [...]}.');
  const { batch } = sent.data;
  if (batch.length > LIMITS.maxRecordsPerBatch) {
    return tooLarge(`A body may hold at most ${LIMITS.maxRecordsPerBatch} events.`);
  }
  const traces = new Map<string, Trace>();
  const observations = new Map<string, Observation>();
  for (const [place, item] of batch.entries()) {
    const event = eventSchema.safeParse(item);
    if (!event.success) {
      reject(rejections, 'span', `batch[${place}]`, event.error);
      continue;
    }
    const { type, timestamp, body } = event.data;
    const named = OBSERVATION.exec(type)?.[1];
    if (type === 'trace-create') {
      const trace = traceSchema.safeParse(body);
      if (!trace.success) reject(rejections, 'trace', `batch[${place}]`, trace.error);
      else {
        const updated = { ...trace.data, updatedAt: timestamp ?? null };
        traces.set(updated.id, merged(traces.get(updated.id), updated));
      }
    } else if (named !== undefined) {
      const observation = observationSchema.safeParse(body);
      if (!observation.success) reject(rejections, 'span', `batch[${place}]`, observation.error);
      else {
        const given = named === 'observation' ? String(body.type ?? 'span').toLowerCase() : named;
        const updated = { ...observation.data, kind: given };
        const key = `${updated.traceId ?? ''}/${updated.id}`;
        observations.set(key, merged(observations.get(key), updated));
      }
    }
    // Scores and the logs of an SDK are not stored.
  }
  return { traces: [...traces.values()], observations: [...observations.values()] };
}

function reject(
  rejections: Rejections,
  kind: 'span' | 'trace',
  place: string,
  { issues: [issue] }: z.core.$ZodError,
): void {
  const field = issue?.path.join('.') ?? '';
  rejections.add({ kind, id: place, field, reason: issue?.message ?? 'is invalid' });
}

/** An object with the fields of a later event, where that states any. Metadata and tags add up. */
function merged<T extends object>(known: T | undefined, later: T): T {
  if (known === undefined) return later;
  const stated = Object.entries(later).filter(([, value]) => value != null);
  const result: { [key: string]: unknown } = { ...known, ...Object.fromEntries(stated) };
  const before = known as { metadata?: unknown; tags?: unknown };
  const after = later as { metadata?: unknown; tags?: unknown };
  if (isObject(before.metadata) && isObject(after.metadata)) {
    result.metadata = { ...before.metadata, ...after.metadata };
  }
  if (Array.isArray(before.tags) && Array.isArray(after.tags)) {
    result.tags = [...new Set([...before.tags, ...after.tags])];
  }
  return result as T;
}
