/** The ingest function: one HTTP request in, its records in the database, one response out. */

import { createAuthorizer } from './auth/authorize.ts';
import { createDependencies, type Dependencies } from './dependencies.ts';
import { HttpError, unavailable } from './http/http-error.ts';
import { type HttpEvent, type Request, readEvent } from './http/request.ts';
import { errorResponse, type HttpResponse } from './http/response.ts';
import { answerInfo } from './langsmith/info.ts';
import type { DiscardRoute } from './protocol/discard.ts';
import { createHealthRoute } from './protocol/health.ts';
import {
  completeCounts,
  countRecords,
  countsOf,
  errorOf,
  type IngestOutcome,
  type IngestRoute,
} from './protocol/ingest-records.ts';

import { maskBatch } from './protocol/mask-batch.ts';
import { readBatch } from './protocol/read-batch.ts';
import { answerValidate } from './python/validate-token.ts';
import { findRoute } from './routes.ts';
import { createLog, type Log, locationOf } from './runtime/log.ts';

/** Answers one event. Never throws, and never answers 5xx because of a body. */
export type Handler = (event: HttpEvent) => Promise<HttpResponse>;

/** Seconds in `retry-after` after an internal error. */
const RETRY_AFTER_INTERNAL_ERROR_SECONDS = 30;

/** A handler with its own cache of tokens: create one per process. */
export function createHandler(dependencies: Dependencies): Handler {
  const { store, now, log, metrics, version, overflow = null } = dependencies;
  const authorizer = createAuthorizer(store, now);
  const health = createHealthRoute(store, now, version);

  /**
   * Authorizes, reads, validates and stores one request; every step may return an error. `batchIds`
   * receives the id of the batch as soon as it is known, for the log.
   */
  async function ingest(
    request: Request,
    route: IngestRoute,
    batchIds: string[],
  ): Promise<IngestOutcome | HttpError> {
    const caller = await authorizer.authorize(request, route.name === 'python');
    if (caller instanceof HttpError) return caller;
    const received = await readBatch(request, route);
    if (received instanceof HttpError) return received;
    const { rejections } = received;
    const batch = { ...maskBatch(received.batch, caller.masking), request_id: request.id };
    const batchId = batch.batch_id;
    batchIds.push(batchId);
    // Nothing to write, not even a report of the sender, as in an empty export request.
    if (countRecords(batch) === 0 && !batch.sdk) {
      return { batchId, stored: completeCounts({}), rejections };
    }
    const result = route.namesSpanOnly
      ? await store.ingestBySpan(caller.tokenHash, batch)
      : await store.ingest(caller.tokenHash, batch);
    if (result.status === 'stored') {
      return { batchId, stored: completeCounts(result.stored), rejections };
    }
    // The database has newer information about the token than the cache.
    if (result.status === 'unauthorized' || result.status === 'forbidden') {
      authorizer.forget(caller.tokenHash);
    }
    if (result.status !== 'retry' || overflow === null) return errorOf(result);
    const kept = await overflow.keep({
      version: 1,
      project_id: caller.projectId,
      token_hash: caller.tokenHash,
      accepted_at: new Date(now()).toISOString(),
      names_span_only: route.namesSpanOnly === true,
      batch,
    });
    const reason = `${result.reason}; ${kept.reason || 'kept'}`;
    if (kept.status === 'failed') return errorOf({ ...result, reason });
    return {
      batchId,
      stored: countsOf(batch),
      rejections,
      overflow: { isQueued: kept.isQueued, reason },
    };
  }

  async function answerRecords(request: Request, route: IngestRoute): Promise<HttpResponse> {
    const startedAtMillis = now();
    const batchIds: string[] = [];
    const outcome = await ingest(request, route, batchIds);
    const isError = outcome instanceof HttpError;
    const response = isError ? route.refuse(outcome, request) : route.accept(outcome, request);
    const latencyMillis = now() - startedAtMillis;
    logRequest(log, request, route.name, outcome, batchIds[0]);
    metrics.record({
      route: route.name,
      status: response.statusCode,
      records: isError ? 0 : sum(Object.values(outcome.stored)),
      rejected: isError ? 0 : outcome.rejections.count,
      latencyMillis,
      isOverflow: !isError && outcome.overflow !== undefined,
      isUnqueued: !isError && outcome.overflow?.isQueued === false,
    });
    return response;
  }

  /** Accepts what is not stored from an authorized caller; the body is not even decompressed. */
  async function discard(request: Request, route: DiscardRoute): Promise<HttpResponse> {
    const caller = await authorizer.authorize(request);
    if (caller instanceof HttpError) return route.refuse(caller, request);
    const wrongType = route.checkType(request);
    return wrongType ? route.refuse(wrongType, request) : route.accept(request, caller);
  }

  return async (event) => {
    let route: ReturnType<typeof findRoute> = 'health';
    const request = readEvent(event);
    try {
      route = findRoute(request);
      if (route instanceof HttpError) return errorResponse(route);
      if (route === 'health') return await health.answer();
      if (route === 'info') return answerInfo();
      if (route === 'validate') return await answerValidate(request, authorizer);
      return 'decode' in route
        ? await answerRecords(request, route)
        : await discard(request, route);
    } catch (error) {
      log.error('A request failed with an internal error', {
        request_id: request.id,
        location: locationOf(error),
      });
      const internal = unavailable('Internal error.', RETRY_AFTER_INTERNAL_ERROR_SECONDS, '');
      return typeof route === 'string' || route instanceof HttpError
        ? errorResponse(internal)
        : route.refuse(internal, request);
    }
  };
}

/** Logs one line per request: `debug` for success, `error` where an operator should look. */
function logRequest(
  log: Log,
  request: Request,
  route: string,
  outcome: IngestOutcome | HttpError,
  batchId: string | undefined,
): void {
  const fields = {
    request_id: request.id,
    batch_id: batchId,
    route,
    body_bytes: request.bodyBytes,
  };
  if (outcome instanceof HttpError) {
    const { status, code, message, detail } = outcome;
    const level = status >= 500 || detail ? 'error' : 'warn';
    log[level]('Refused a request', { ...fields, status, code, reason: message, detail });
    return;
  }
  if (outcome.overflow) {
    const { isQueued, reason } = outcome.overflow;
    log.warn('Kept a batch in the overflow', { ...fields, is_queued: isQueued, reason });
  }
  if (outcome.rejections.count > 0) {
    const [first] = outcome.rejections.list;
    log.warn('Rejected records', {
      ...fields,
      rejected: outcome.rejections.count,
      first_kind: first?.kind,
      first_field: first?.field,
      first_reason: first?.reason,
    });
  } else if (!outcome.overflow) {
    log.debug('Stored a batch', fields);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/**
 * A handler that creates its dependencies at the first event. While they cannot be created, it logs
 * the error and answers 503.
 */
export function createLazyHandler(create: () => Dependencies, log: () => Log): Handler {
  let made: Handler | null = null;
  return async (event) => {
    try {
      made ??= createHandler(create());
    } catch (error) {
      // Only a ConfigError arrives here; it names a variable and quotes no value.
      const cause = error instanceof Error ? error : new Error('unknown', { cause: error });
      log().error('The ingest function is not configured', { error: cause });
      const response = unavailable(
        'The server is not configured.',
        RETRY_AFTER_INTERNAL_ERROR_SECONDS,
        '',
      );
      return errorResponse(response);
    }
    return made(event);
  };
}

/** The entry point of the Lambda function. */
export const handler: Handler = createLazyHandler(createDependencies, () => createLog('ERROR'));
