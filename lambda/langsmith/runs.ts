/**
 * The runs in a request, as LangSmith's clients create and update them: a run is posted when it starts,
 * and patched when it has ended; what a batch has of one run is merged here, the rest in the database.
 */
import * as z from 'zod/mini';
import { LIMITS } from '../../wire/protocol.ts';
import { isId, isObject, type UnknownObject } from '../../wire/values.ts';
import { DecodeError, HttpError, tooLarge } from '../http/http-error.ts';
import { decodeJson } from '../http/json-body.ts';
import type { Rejections } from '../validation/rejections.ts';
import { optionalText, sentId } from '../validation/sent-fields.ts';
import { readParts } from './multipart.ts';

const time = z.nullish(z.union([z.string(), z.number()], { error: 'must be a time' }));

/** `RunCreate` and `RunUpdate` of the client. Fields that are not listed are kept as they are. */
export const runSchema = z.looseObject(
  {
    id: sentId,
    trace_id: z.nullish(sentId),
    parent_run_id: z.nullish(sentId),
    dotted_order: optionalText,
    name: optionalText,
    run_type: optionalText,
    start_time: time,
    end_time: time,
    error: optionalText,
  },
  { error: 'must be an object' },
);

export type Run = z.output<typeof runSchema>;

/** `POST /runs/batch` */
export const batchSchema = z.object(
  { post: z.nullish(z.array(z.unknown())), patch: z.nullish(z.array(z.unknown())) },
  { error: 'must be an object' },
);

/** Fields that a client sends in parts of their own. */
const PART_FIELDS: readonly string[] = [
  'inputs',
  'outputs',
  'events',
  'extra',
  'error',
  'serialized',
];

/** Collects the runs of one request by id. */
export class RunCollector {
  readonly #runs = new Map<string, UnknownObject>();
  readonly #rejections: Rejections;

  constructor(rejections: Rejections) {
    this.#rejections = rejections;
  }

  /** @throws DecodeError over the limit */
  add(value: unknown, givenId?: string): void {
    const sent = isObject(value) ? value : {};
    const runId = String(sent.id ?? givenId ?? `run ${this.#runs.size}`);
    const known = this.#runs.get(runId);
    if (known === undefined && this.#runs.size >= LIMITS.maxRecordsPerBatch) {
      throw new DecodeError(tooLarge(`A body may hold at most ${LIMITS.maxRecordsPerBatch} runs.`));
    }
    this.#runs.set(runId, merged(known, givenId === undefined ? sent : { ...sent, id: runId }));
  }

  /** The valid runs; the others are added to the rejections. */
  runs(): Run[] {
    return [...this.#runs].flatMap(([runId, run]) => {
      const checked = runSchema.safeParse(run);
      if (checked.success) return checked.data;
      const [issue] = checked.error.issues;
      const field = issue?.path.join('.') ?? '';
      const shown = isId(runId) ? runId : 'run';
      this.#rejections.add({
        kind: 'span',
        id: shown,
        field,
        reason: issue?.message ?? 'is invalid',
      });
      return [];
    });
  }
}

/** A run with the fields of a later message, where that has any. */
function merged(known: UnknownObject = {}, later: UnknownObject): UnknownObject {
  const run: { [key: string]: unknown } = Object.assign(Object.create(null), known);
  for (const [key, value] of Object.entries(later)) {
    const isEmpty =
      value == null ||
      (Array.isArray(value) && value.length === 0) ||
      (isObject(value) && Object.keys(value).length === 0);
    if (!isEmpty || run[key] === undefined) run[key] = value;
  }
  return run;
}

/** Reads `POST /runs/multipart`: parts `post.<id>` and `patch.<id>`, and `<those>.<field>`. */
export function readMultipart(
  body: Buffer,
  contentType: string,
  rejections: Rejections,
): Run[] | HttpError {
  const parts = readParts(body, contentType);
  if (parts instanceof HttpError) return parts;
  // A field of a run may come before the run.
  const messages = new Map<string, { [key: string]: unknown }>();
  for (const { name, body: bytes } of parts) {
    // `attachment.<id>.<name>` and `feedback.<id>` are not stored.
    const [, message, field] = /^((?:post|patch)\.[^.]+)(?:\.(\w+))?$/.exec(name) ?? [];
    if (message === undefined || (field !== undefined && !PART_FIELDS.includes(field))) continue;
    const decoded = decodeJson(bytes);
    if (decoded instanceof HttpError) {
      rejections.add({
        kind: 'span',
        id: idIn(message),
        field: field ?? '',
        reason: 'is not valid JSON',
      });
      continue;
    }
    const known = messages.get(message) ?? {};
    messages.set(message, known);
    if (field !== undefined) known[field] = decoded.value;
    else if (isObject(decoded.value)) Object.assign(known, decoded.value);
  }
  const collector = new RunCollector(rejections);
  for (const [message, run] of messages) collector.add({ ...run, id: idIn(message) });
  return collector.runs();
}

function idIn(message: string): string {
  const runId = message.slice(message.indexOf('.') + 1);
  return isId(runId) ? runId : 'run';
}
