/** The drain: queue messages → their overflow objects → the database. */
import type { SQSRecord } from 'aws-lambda';
import { locationOf } from '../runtime/log.ts';
import type { AcceptedResult } from '../store/store.ts';
import { acceptedAtMillis, decodeObject, decodePointer } from './object.ts';
import type { WorkerDependencies } from './worker.ts';

export interface DrainAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * How often a message may be received before it is renewed: sent again and deleted, which restarts its
 * receive count. Only messages that fail for a transient reason are renewed. A message that ends the
 * function each time is never renewed, and after `MAX_RECEIVES` SQS moves it to the dead-letter queue.
 */
export const RENEWED_AT_RECEIVES = 10;
/** A message received this often may be one that ends the function: it is tried last, and alone. */
export const SUSPECT_AT_RECEIVES = 3;
/** How long a message is postponed, doubled with each receive, between these. */
export const FIRST_PAUSE_SECONDS = 10;
export const LONGEST_PAUSE_SECONDS = 120;
/** Time that must be left to start another batch: one database call, and the answer. */
const NEEDED_MILLIS = 15_000;

/** What becomes of a message: deleted, received again, or moved to the dead-letter queue. */
type Disposition = 'stored' | 'later' | 'dead';

/** Creates the drain. It answers which messages are to be received again. */
export function createDrain({ store, backlog, now, log, counters }: WorkerDependencies<'drain'>) {
  return async (records: readonly SQSRecord[], leftMillis: () => number): Promise<DrainAnswer> => {
    const counts = { Stored: 0, Records: 0, Repeated: 0, Postponed: 0, DeadLettered: 0, Gone: 0 };
    let oldestSeconds = 0;
    let isUnavailable = false;
    const done: SQSRecord[] = [];
    const later: SQSRecord[] = [];
    const inOrder = records.toSorted((a, b) => receivesOf(a) - receivesOf(b));
    const prefetched = prefetch(inOrder, (record) => readObject(record));

    /** The object that a message points to; null when it has been stored before. */
    async function readObject(record: SQSRecord) {
      const key = decodePointer(record.body);
      if (key === null) return { problem: 'the message does not point to an object' };
      const bytes = await backlog.read(key);
      if (bytes === null) return null;
      return { key, ...(await decodeObject(bytes)) };
    }

    async function deadLetter(record: SQSRecord, reason: string): Promise<Disposition> {
      log.error('A batch cannot be stored', { ...logFieldsOf(record), reason });
      const key = keyIn(record);
      await backlog.send('deadLetters', [key ? JSON.stringify({ key, reason }) : record.body]);
      counts.DeadLettered++;
      return 'dead';
    }

    async function finish(
      record: SQSRecord,
      key: string,
      result: AcceptedResult,
    ): Promise<Disposition> {
      switch (result.status) {
        case 'retry':
          isUnavailable = result.isUnavailable === true;
          log.warn('Postponed a batch', { ...logFieldsOf(record), reason: result.reason });
          return 'later';
        case 'refused':
          return deadLetter(record, result.reason);
        case 'gone':
          log.warn('Dropped a batch of a deleted project', logFieldsOf(record));
          counts.Gone++;
          break;
        case 'stored':
          counts.Stored++;
          counts.Repeated += result.repeated ? 1 : 0;
          counts.Records += Object.values(result.stored).reduce((sum, rows) => sum + rows, 0);
          log.debug('Stored a batch from the overflow', logFieldsOf(record));
      }
      // If this fails, maintain finds the object; storing it again changes nothing.
      await backlog.remove(key);
      return 'stored';
    }

    async function process(record: SQSRecord): Promise<Disposition> {
      try {
        const found = await prefetched(record);
        if (found === null) return 'stored';
        if ('problem' in found) return await deadLetter(record, found.problem);
        const { project_id, accepted_at, names_span_only, batch } = found.object;
        const result = await store.ingestAccepted({
          project_id,
          accepted_at,
          names_span_only,
          batch,
        });
        return await finish(record, found.key, result);
      } catch (error) {
        log.error('A batch failed with an internal error', {
          ...logFieldsOf(record),
          location: locationOf(error),
        });
        return 'later';
      }
    }

    for (const record of inOrder) {
      oldestSeconds = Math.max(oldestSeconds, ageSeconds(record, now()));
      if (isUnavailable || leftMillis() < NEEDED_MILLIS) {
        later.push(record);
        continue;
      }
      if (receivesOf(record) >= SUSPECT_AT_RECEIVES && done.length > 0) {
        // Should this message end the function, the ones before must not be received again with it.
        const handles = done.splice(0).map(({ receiptHandle }) => receiptHandle);
        await backlog.delete('queue', handles).catch(() => {});
      }
      const disposition = await process(record);
      (disposition === 'later' ? later : done).push(record);
    }
    counts.Postponed = later.length;
    const failures = await postpone(later);
    counters.publish({ ...counts, OverflowAgeSeconds: oldestSeconds });
    return { batchItemFailures: failures };
  };

  /** Hides messages for a while, or renews them; renewed messages are not failures. */
  async function postpone(records: SQSRecord[]): Promise<DrainAnswer['batchItemFailures']> {
    const exhausted = records.filter((record) => receivesOf(record) >= RENEWED_AT_RECEIVES);
    const fresh = records.filter((record) => receivesOf(record) < RENEWED_AT_RECEIVES);
    try {
      const bodies = exhausted.map(({ body }) => body);
      if (bodies.length > 0) await backlog.send('queue', bodies, LONGEST_PAUSE_SECONDS);
    } catch (error) {
      log.error('Messages cannot be renewed', { location: locationOf(error) });
      fresh.push(...exhausted.splice(0));
    }
    const pauses = fresh.map((record) => ({
      receiptHandle: record.receiptHandle,
      seconds: pauseSeconds(receivesOf(record)),
    }));
    if (pauses.length > 0) {
      // If this fails, they are received again after the visibility timeout of the queue.
      await backlog.hide(pauses).catch((error) => {
        log.warn('Messages cannot be postponed', { location: locationOf(error) });
      });
    }
    return fresh.map(({ messageId }) => ({ itemIdentifier: messageId }));
  }
}

/** Reads one record ahead of the one that is asked for, while that one is stored. */
function prefetch<T>(
  records: readonly SQSRecord[],
  read: (record: SQSRecord) => Promise<T>,
): (record: SQSRecord) => Promise<T> {
  const started = new Map<SQSRecord, Promise<T>>();
  const start = (record: SQSRecord): Promise<T> => {
    const promise = started.get(record) ?? read(record);
    // The rejection reaches the awaiting caller; if the time runs out first, no caller awaits it.
    promise.catch(() => {});
    started.set(record, promise);
    return promise;
  };
  return (record) => {
    const result = start(record);
    const next = records[records.indexOf(record) + 1];
    if (next) void start(next);
    started.delete(record);
    return result;
  };
}

function receivesOf({ attributes }: SQSRecord): number {
  return Number(attributes.ApproximateReceiveCount) || 1;
}

function pauseSeconds(receives: number): number {
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (receives - 1));
}

function keyIn({ body }: SQSRecord): string {
  return decodePointer(body) ?? '';
}

function ageSeconds(record: SQSRecord, nowMillis: number): number {
  const acceptedAt = acceptedAtMillis(keyIn(record));
  return acceptedAt === null ? 0 : Math.max(0, (nowMillis - acceptedAt) / 1000);
}

/** The key names time, project and batch; everything else is in the log line of the request. */
function logFieldsOf(record: SQSRecord) {
  return {
    message_id: record.messageId,
    key: keyIn(record),
    receives: receivesOf(record),
  };
}
