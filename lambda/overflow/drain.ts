/** Messages that point to waiting batches → the batches in the database. */
import type { SQSRecord } from 'aws-lambda';
import { whereOf } from '../runtime/log.ts';
import type { AcceptedResult } from '../store/store.ts';
import { acceptedAtMillis, decodeObject, decodePointer } from './object.ts';
import type { BackDependencies } from './worker.ts';

export interface DrainAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * How often a message may come before it is renewed: sent anew and deleted, so that it is counted
 * from one again. Only a message that fails for a passing reason is. One that ends the function each
 * time it is tried is never renewed, and the queue moves it to the dead letters when it has come
 * {@link MAX_RECEIVES} times.
 */
export const RENEWED_AT_RECEIVES = 10;
/** The redrive policy of the queue. */
export const MAX_RECEIVES = 15;
/** A message that came so often may be one that ends the function: it is tried last, and alone. */
export const SUSPECT_AT_RECEIVES = 3;
/** For how long a message is put aside, doubled each time it comes: between these. */
export const FIRST_PAUSE_SECONDS = 10;
export const LONGEST_PAUSE_SECONDS = 120;
/** Time that must be left to begin with another batch: one call of the database, and the answer. */
const NEEDED_MILLIS = 15_000;

type Fate = 'stored' | 'later' | 'dead';

/** The drain on its dependencies: it answers which messages are to come again. */
export function createDrain({ store, backlog, now, log, counters }: BackDependencies) {
  return async (records: readonly SQSRecord[], leftMillis: () => number): Promise<DrainAnswer> => {
    const counts = { Stored: 0, Records: 0, Repeated: 0, Postponed: 0, DeadLettered: 0, Gone: 0 };
    let oldestSeconds = 0;
    let isAway = false;
    const done: SQSRecord[] = [];
    const later: SQSRecord[] = [];
    // Those that came least often first.
    const inOrder = records.toSorted((a, b) => receivesOf(a) - receivesOf(b));
    const reading = prefetch(inOrder, (record) => readObject(record));

    /** What is in the object that a message points to; null when it was stored before. */
    async function readObject(record: SQSRecord) {
      const key = decodePointer(record.body);
      if (key === null) return { problem: 'the message is none of ours' };
      const bytes = await backlog.read(key);
      if (bytes === null) return null;
      const object = await decodeObject(bytes);
      return object ? { key, object } : { problem: 'the object cannot be read' };
    }

    async function bury(record: SQSRecord, reason: string): Promise<Fate> {
      log.error('A batch cannot be stored', { ...factsOf(record), reason });
      const key = keyIn(record);
      await backlog.send('deadLetters', [key ? JSON.stringify({ key, reason }) : record.body]);
      counts.DeadLettered++;
      return 'dead';
    }

    async function finish(record: SQSRecord, key: string, result: AcceptedResult): Promise<Fate> {
      switch (result.status) {
        case 'retry':
          isAway = result.isAway === true;
          log.warn('A batch has to wait', { ...factsOf(record), reason: result.reason });
          return 'later';
        case 'refused':
          return bury(record, result.reason);
        case 'gone':
          log.warn('Dropped a batch of a deleted project', factsOf(record));
          counts.Gone++;
          break;
        case 'stored':
          counts.Stored++;
          counts.Repeated += result.repeated ? 1 : 0;
          counts.Records += Object.values(result.stored).reduce((sum, rows) => sum + rows, 0);
          log.debug('Stored a batch that waited', factsOf(record));
      }
      // When this fails, maintain finds the object, and storing it again changes nothing.
      await backlog.remove(key);
      return 'stored';
    }

    async function take(record: SQSRecord): Promise<Fate> {
      try {
        const found = await reading(record);
        if (found === null) return 'stored';
        if ('problem' in found) return await bury(record, found.problem);
        const { project_id, accepted_at, names_span_only, batch } = found.object;
        const result = await store.ingestAccepted({
          project_id,
          accepted_at,
          names_span_only,
          batch,
        });
        return await finish(record, found.key, result);
      } catch (error) {
        log.error('A batch broke the drain', { ...factsOf(record), where: whereOf(error) });
        return 'later';
      }
    }

    for (const record of inOrder) {
      oldestSeconds = Math.max(oldestSeconds, ageSeconds(record, now()));
      if (isAway || leftMillis() < NEEDED_MILLIS) {
        later.push(record);
        continue;
      }
      if (receivesOf(record) >= SUSPECT_AT_RECEIVES && done.length > 0) {
        // Should this one end the function, those before it must not come again with it.
        const handles = done.splice(0).map(({ receiptHandle }) => receiptHandle);
        await backlog.delete('queue', handles).catch(() => {});
      }
      const fate = await take(record);
      (fate === 'later' ? later : done).push(record);
    }
    counts.Postponed = later.length;
    const failures = await postpone(later);
    counters.publish({ ...counts, OverflowAgeSeconds: oldestSeconds });
    return { batchItemFailures: failures };
  };

  /** Puts messages aside, or renews them; those that could be renewed are not failures. */
  async function postpone(records: SQSRecord[]): Promise<DrainAnswer['batchItemFailures']> {
    const worn = records.filter((record) => receivesOf(record) >= RENEWED_AT_RECEIVES);
    const fresh = records.filter((record) => receivesOf(record) < RENEWED_AT_RECEIVES);
    try {
      const bodies = worn.map(({ body }) => body);
      if (bodies.length > 0) await backlog.send('queue', bodies, LONGEST_PAUSE_SECONDS);
    } catch (error) {
      log.error('Messages cannot be renewed', { where: whereOf(error) });
      fresh.push(...worn.splice(0));
    }
    const pauses = fresh.map((record) => ({
      receiptHandle: record.receiptHandle,
      seconds: pauseSeconds(receivesOf(record)),
    }));
    if (pauses.length > 0) {
      // Else they come again when the queue's own time is over.
      await backlog.hide(pauses).catch((error) => {
        log.warn('Messages cannot be put aside', { where: whereOf(error) });
      });
    }
    return fresh.map(({ messageId }) => ({ itemIdentifier: messageId }));
  }
}

/** Reads one ahead of the one that is asked for: the next object comes while a batch is stored. */
function prefetch<T>(
  records: readonly SQSRecord[],
  read: (record: SQSRecord) => Promise<T>,
): (record: SQSRecord) => Promise<T> {
  const begun = new Map<SQSRecord, Promise<T>>();
  const begin = (record: SQSRecord): Promise<T> => {
    const promise = begun.get(record) ?? read(record);
    // Whoever asks for it sees the failure; nobody may, when time runs out before.
    promise.catch(() => {});
    begun.set(record, promise);
    return promise;
  };
  return (record) => {
    const result = begin(record);
    const next = records[records.indexOf(record) + 1];
    if (next) void begin(next);
    begun.delete(record);
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

/** The key names time, project and batch; the rest is in the log line of the request. */
function factsOf(record: SQSRecord) {
  return {
    message_id: record.messageId,
    key: keyIn(record),
    receives: receivesOf(record),
  };
}
