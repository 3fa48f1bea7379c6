/** Bodies of LangSmith's clients → records. Loaded with the first such request. */
import { type PartialSpan, toPartialRecords } from '../../wire/genai/index.ts';
import type { CompletionRecord, RecordLists } from '../../wire/records.ts';
import { DecodeError, HttpError, malformed } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import type { Request } from '../http/request.ts';
import type { Rejections } from '../validation/rejections.ts';
import { messageOf } from './read-run.ts';
import { batchSchema, type Run, RunCollector, readMultipart } from './runs.ts';

/** How a route sends runs. */
export type Form = 'multipart' | 'batch' | 'run';

/** The runs of a body as records, or why it has none. */
export function decodeRuns(
  form: Form,
  body: Buffer,
  request: Request,
  rejections: Rejections,
): RecordLists | HttpError {
  try {
    const runs = readRuns(form, body, request, rejections);
    if (runs instanceof HttpError) return runs;
    const messages = runs.map(messageOf);
    return withoutUnanswered(toPartialRecords(messages), messages);
  } catch (error) {
    if (error instanceof DecodeError) return error.httpError;
    throw error;
  }
}

/** A run that has only started has no answer yet, and its update repeats what is known of the call. */
function withoutUnanswered(lists: RecordLists, messages: readonly PartialSpan[]): RecordLists {
  const running = new Set(
    messages.flatMap(({ span }) => (span.ended_at === null ? span.span_id : [])),
  );
  const isAnswered = ({ span_id, content, parts, total_tokens }: CompletionRecord): boolean =>
    !running.has(span_id) || (content ?? parts ?? total_tokens) != null;
  return { ...lists, completions: lists.completions.filter(isAnswered) };
}

function readRuns(
  form: Form,
  body: Buffer,
  request: Request,
  rejections: Rejections,
): Run[] | HttpError {
  if (form === 'multipart') {
    return readMultipart(body, request.headers['content-type'] ?? '', rejections);
  }
  const decoded = decodeJson(body);
  if (decoded instanceof HttpError) return decoded;
  const collector = new RunCollector(rejections);
  if (form === 'run') {
    // The id of an update is in its path alone.
    const id = /\/runs\/([^/]+)$/.exec(request.path)?.[1];
    collector.add(decoded.value, id);
    return collector.runs();
  }
  const sent = batchSchema.safeParse(decoded.value);
  if (!sent.success) return malformed('The body must be {"post": [...], "patch": [...]}.');
  for (const run of sent.data.post ?? []) collector.add(run);
  for (const run of sent.data.patch ?? []) collector.add(run);
  return collector.runs();
}
