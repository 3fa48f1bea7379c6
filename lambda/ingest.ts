/** The ingest function: one HTTP request in, its records in the database, one answer out. */

import { createAuthorizer } from './auth/authorize.ts';
import { createDependencies, type Dependencies } from './dependencies.ts';
import { Refusal, unavailable } from './http/refusal.ts';
import { type HttpEvent, type Request, readEvent } from './http/request.ts';
import { type Answer, refusalAnswer } from './http/response.ts';
import {
  completeCounts,
  countRecords,
  countsOf,
  refusalOf,
  type Taken,
} from './protocol/accepted.ts';
import { createHealthDoor } from './protocol/health.ts';
import { answerInfo } from './protocol/langsmith-info.ts';
import { readBatch } from './protocol/read-batch.ts';
import type { RecordDoor } from './protocol/record-door.ts';
import { answerValidate } from './python/validate-token.ts';
import { findDoor } from './routes.ts';
import { createLog, type Log, whereOf } from './runtime/log.ts';

/** Answers one event. Never throws, and never answers 5xx because of a body. */
export type Handler = (event: HttpEvent) => Promise<Answer>;

/** Seconds after which to come back when something broke that should not have. */
const RETRY_AFTER_FAULT_SECONDS = 30;

/** A handler with its own memory of tokens: make it once per process. */
export function createHandler(dependencies: Dependencies): Handler {
  const { store, now, log, metrics, version, overflow = null } = dependencies;
  const authorizer = createAuthorizer(store, now);
  const health = createHealthDoor(store, now, version);

  /** The line that a request walks. Each step gives what the next one needs, or a refusal. */
  async function take(
    request: Request,
    door: RecordDoor,
    named: { batchId?: string },
  ): Promise<Taken | Refusal> {
    const caller = await authorizer.authorize(request);
    if (caller instanceof Refusal) return caller;
    const arrival = readBatch(request, door);
    if (arrival instanceof Refusal) return arrival;
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
    if (result.status !== 'retry' || overflow === null) return refusalOf(result);
    const kept = await overflow.keep({
      version: 1,
      project_id: caller.projectId,
      token_hash: caller.tokenHash,
      accepted_at: new Date(now()).toISOString(),
      names_span_only: door.namesSpanOnly === true,
      batch,
    });
    const reason = `${result.reason}; ${kept.reason || 'kept'}`;
    if (kept.status === 'failed') return refusalOf({ ...result, reason });
    return {
      batchId: batch.batch_id,
      stored: completeCounts(countsOf(batch)),
      rejections,
      overflow: { isQueued: kept.isQueued, reason },
    };
  }

  async function answerRecords(request: Request, door: RecordDoor): Promise<Answer> {
    const startedAtMillis = now();
    const named: { batchId?: string } = {};
    const taken = await take(request, door, named);
    const answer =
      taken instanceof Refusal ? door.refuse(taken, request) : door.accept(taken, request);
    const latencyMillis = now() - startedAtMillis;
    report(log, request, door.name, taken, named.batchId);
    const isTaken = !(taken instanceof Refusal);
    metrics.record({
      door: door.name,
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
    let door: ReturnType<typeof findDoor> = 'health';
    const request = readEvent(event);
    try {
      door = findDoor(request);
      if (door instanceof Refusal) return refusalAnswer(door);
      if (door === 'health') return await health.answer();
      if (door === 'info') return answerInfo();
      if (door === 'validate') return await answerValidate(request, authorizer);
      return await answerRecords(request, door);
    } catch (error) {
      log.error('A request broke the handler', { request_id: request.id, where: whereOf(error) });
      const fault = unavailable('Something broke.', RETRY_AFTER_FAULT_SECONDS, '');
      return typeof door === 'string' || door instanceof Refusal
        ? refusalAnswer(fault)
        : door.refuse(fault, request);
    }
  };
}

/** One line per request: quiet when all went well, loud when an operator should look. */
function report(
  log: Log,
  request: Request,
  door: string,
  taken: Taken | Refusal,
  batchId: string | undefined,
): void {
  const facts = {
    request_id: request.id,
    batch_id: batchId,
    door,
    body_bytes: request.bodyBytes,
  };
  if (taken instanceof Refusal) {
    const { status, code, message, detail } = taken;
    const level = status >= 500 || detail ? 'error' : 'warn';
    log[level]('Refused a request', { ...facts, status, code, reason: message, detail });
    return;
  }
  if (taken.overflow) {
    const { isQueued, reason } = taken.overflow;
    log.warn('Kept a batch for later', { ...facts, is_queued: isQueued, reason });
  }
  if (taken.rejections.count > 0) {
    const [first] = taken.rejections.list;
    log.warn('Rejected records', {
      ...facts,
      rejected: taken.rejections.count,
      first_kind: first?.kind,
      first_field: first?.field,
      first_reason: first?.reason,
    });
  } else if (!taken.overflow) {
    log.debug('Stored a batch', facts);
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
      return refusalAnswer(fault);
    }
    return made(event);
  };
}

/** The Lambda's entry: the handler on the real database. */
export const handler: Handler = createLazyHandler(createDependencies, () => createLog('ERROR'));
