/** The ingest function: one HTTP request in, its records in the database, one answer out. */

import { createAuthorizer } from './auth/authorize.ts';
import { createDependencies, type Dependencies } from './dependencies.ts';
import { HttpError, unavailable } from './http/http-error.ts';
import { type HttpEvent, type Request, readEvent } from './http/request.ts';
import { type Answer, errorResponse } from './http/response.ts';
import { createHealthRoute } from './protocol/health.ts';
import type { IngestRoute } from './protocol/ingest-records.ts';
import {
  completeCounts,
  countRecords,
  countsOf,
  errorOf,
  type IngestOutcome,
} from './protocol/ingest-records.ts';
import { answerInfo } from './protocol/langsmith-info.ts';
import { readBatch } from './protocol/read-batch.ts';
import { answerValidate } from './python/validate-token.ts';
import { findRoute } from './routes.ts';
import { createLog, type Log, locationOf } from './runtime/log.ts';

/** Answers one event. Never throws, and never answers 5xx because of a body. */
export type Handler = (event: HttpEvent) => Promise<Answer>;

/** Seconds after which to come back when something broke that should not have. */
const RETRY_AFTER_FAULT_SECONDS = 30;

/** A handler with its own memory of tokens: make it once per process. */
export function createHandler(dependencies: Dependencies): Handler {
  const { store, now, log, metrics, version, overflow = null } = dependencies;
  const authorizer = createAuthorizer(store, now);
  const health = createHealthRoute(store, now, version);

  /** The line that a request walks. Each step gives what the next one needs, or a refusal. */
  async function take(
    request: Request,
    door: IngestRoute,
    named: { batchId?: string },
  ): Promise<IngestOutcome | HttpError> {
    const caller = await authorizer.authorize(request);
    if (caller instanceof HttpError) return caller;
    const arrival = readBatch(request, door);
    if (arrival instanceof HttpError) return arrival;
    const { rejections } = arrival;
    const batch = { ...arrival.batch, request_id: request.id };
    named.batchId = batch.batch_id;
    // Nothing to write, not even a sender's report: an exporter's empty request ends here.
    if (countRecords(batch) === 0 && !batch.sdk) {
      return { batchId: batch.batch_id, stored: completeCounts({}), rejections };
    }
    const result = door.namesSpanOnly
      ? await store.ingestBySpan(caller.tokenHash, batch)
      : await store.ingest(caller.tokenHash, batch);
    if (result.status === 'stored') {
      return { batchId: batch.batch_id, stored: completeCounts(result.stored), rejections };
    }
    // The database knows better than what was remembered of the token.
    if (result.status === 'unauthorized' || result.status === 'forbidden') {
      authorizer.forget(caller.tokenHash);
    }
    if (result.status !== 'retry' || overflow === null) return errorOf(result);
    const kept = await overflow.keep({
      version: 1,
      project_id: caller.projectId,
      token_hash: caller.tokenHash,
      accepted_at: new Date(now()).toISOString(),
      names_span_only: door.namesSpanOnly === true,
      batch,
    });
    const reason = `${result.reason}; ${kept.reason || 'kept'}`;
    if (kept.status === 'failed') return errorOf({ ...result, reason });
    return {
      batchId: batch.batch_id,
      stored: completeCounts(countsOf(batch)),
      rejections,
      overflow: { isQueued: kept.isQueued, reason },
    };
  }

  async function answerRecords(request: Request, door: IngestRoute): Promise<Answer> {
    const startedAtMillis = now();
    const named: { batchId?: string } = {};
    const taken = await take(request, door, named);
    const answer =
      taken instanceof HttpError ? door.refuse(taken, request) : door.accept(taken, request);
    const latencyMillis = now() - startedAtMillis;
    report(log, request, door.name, taken, named.batchId);
    const isTaken = !(taken instanceof HttpError);
    metrics.record({
      route: door.name,
      status: answer.statusCode,
      records: isTaken ? sum(Object.values(taken.stored)) : 0,
      rejected: isTaken ? taken.rejections.count : 0,
      latencyMillis,
      isOverflow: isTaken && taken.overflow !== undefined,
      isUnqueued: isTaken && taken.overflow?.isQueued === false,
    });
    return answer;
  }

  return async (event) => {
    let door: ReturnType<typeof findRoute> = 'health';
    const request = readEvent(event);
    try {
      door = findRoute(request);
      if (door instanceof HttpError) return errorResponse(door);
      if (door === 'health') return await health.answer();
      if (door === 'info') return answerInfo();
      if (door === 'validate') return await answerValidate(request, authorizer);
      return await answerRecords(request, door);
    } catch (error) {
      log.error('A request broke the handler', {
        request_id: request.id,
        where: locationOf(error),
      });
      const fault = unavailable('Something broke.', RETRY_AFTER_FAULT_SECONDS, '');
      return typeof door === 'string' || door instanceof HttpError
        ? errorResponse(fault)
        : door.refuse(fault, request);
    }
  };
}

/** One line per request: quiet when all went well, loud when an operator should look. */
function report(
  log: Log,
  request: Request,
  door: string,
  taken: IngestOutcome | HttpError,
  batchId: string | undefined,
): void {
  const fields = {
    request_id: request.id,
    batch_id: batchId,
    door,
    body_bytes: request.bodyBytes,
  };
  if (taken instanceof HttpError) {
    const { status, code, message, detail } = taken;
    const level = status >= 500 || detail ? 'error' : 'warn';
    log[level]('Refused a request', { ...fields, status, code, reason: message, detail });
    return;
  }
  if (taken.overflow) {
    const { isQueued, reason } = taken.overflow;
    log.warn('Kept a batch for later', { ...fields, is_queued: isQueued, reason });
  }
  if (taken.rejections.count > 0) {
    const [first] = taken.rejections.list;
    log.warn('Rejected records', {
      ...fields,
      rejected: taken.rejections.count,
      first_kind: first?.kind,
      first_field: first?.field,
      first_reason: first?.reason,
    });
  } else if (!taken.overflow) {
    log.debug('Stored a batch', fields);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * A handler whose dependencies are made at the first event. While they cannot be made, it says so
 * in the log and answers 503.
 */
export function createLazyHandler(create: () => Dependencies, log: () => Log): Handler {
  let made: Handler | null = null;
  return async (event) => {
    try {
      made ??= createHandler(create());
    } catch (error) {
      // From our own settings alone, and naming only a variable, so its message may be shown.
      log().error('The ingest function is not configured', { error: error as Error });
      const fault = unavailable('The server is not configured.', RETRY_AFTER_FAULT_SECONDS, '');
      return errorResponse(fault);
    }
    return made(event);
  };
}

/** The Lambda's entry: the handler on the real database. */
export const handler: Handler = createLazyHandler(createDependencies, () => createLog('ERROR'));
