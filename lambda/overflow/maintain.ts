/** Periodic maintenance: retention in the database, and overflow objects without a message. */

import { decodePointer, type Pointer } from './object.ts';
import type { WorkerDependencies } from './worker.ts';

/** Time budget of one database call: PostgREST ends statements after 8 seconds. */
const DATABASE_BUDGET_MILLIS = 4_000;
/** Time that must be left to continue. */
const NEEDED_MILLIS = 20_000;
/** An object younger than this may still get its message. */
export const ORPHAN_AGE_MILLIS = 10 * 60_000;
/** Most orphans that one run queues; the next run continues. */
export const MAX_ORPHANS = 10_000;
/** Most dead letters that one run reads to find the objects they point to. */
const MAX_DEAD_LETTERS = 1_000;
/** How long they are invisible to `agensight replay` meanwhile. */
const HIDDEN_SECONDS = 60;

type Dependencies = WorkerDependencies<'maintain'>;

export interface MaintainAnswer {
  /** Rows deleted, by table. */
  deleted: Record<string, number>;
  /** Whether the database has nothing more to delete now. */
  isFinished: boolean;
  /** Overflow objects without a message that were queued. */
  orphans: number;
}

/**
 * One run. Orphans come first, because they need no database.
 *
 * @throws Error when the database or AWS fails, after everything else is done
 */
export async function maintain(
  dependencies: Dependencies,
  leftMillis: () => number,
): Promise<MaintainAnswer> {
  const { store, log, counters } = dependencies;
  const problems: string[] = [];
  const orphans = await sweepOrphans(dependencies).catch((error: unknown) => {
    const name = error instanceof Error ? error.name : 'unknown';
    problems.push(`orphans could not be queued: ${name}`);
    return 0;
  });
  const deleted: Record<string, number> = {};
  let isFinished = false;
  while (!isFinished && leftMillis() > NEEDED_MILLIS) {
    const result = await store.maintain(DATABASE_BUDGET_MILLIS);
    if (result.status === 'retry') {
      problems.push(result.reason);
      break;
    }
    isFinished = result.isFinished;
    for (const [table, rows] of Object.entries(result.deleted)) {
      deleted[table] = (deleted[table] ?? 0) + rows;
    }
  }
  const rows = Object.values(deleted).reduce((sum, count) => sum + count, 0);
  counters.publish({
    Runs: problems.length === 0 ? 1 : 0,
    Failures: problems.length,
    Orphans: orphans,
    Deleted: rows,
    Unfinished: isFinished ? 0 : 1,
  });
  if (problems.length > 0) {
    log.error('Maintenance failed', { reason: problems.join('; ') });
    throw new Error(`Maintenance failed: ${problems.join('; ')}`);
  }
  if (orphans > 0) log.warn('Queued overflow objects without a message', { orphans });
  return { deleted, isFinished, orphans };
}

/**
 * Queues objects without a message: the ingest function ended between writing the two, SQS was
 * unavailable, or the message expired after two weeks. While messages are in the queue, their objects
 * cannot be distinguished from orphans, so this waits until the queue is empty.
 */
async function sweepOrphans({ backlog, now }: Dependencies): Promise<number> {
  if ((await backlog.count('queue')) > 0) return 0;
  const deadLettered = await deadLetteredKeys({ backlog });
  const bodies: string[] = [];
  let after = '';
  while (bodies.length < MAX_ORPHANS) {
    const page = await backlog.list(after);
    for (const { key, writtenAtMillis } of page) {
      after = key;
      if (writtenAtMillis > now() - ORPHAN_AGE_MILLIS || deadLettered.has(key)) continue;
      bodies.push(JSON.stringify({ key } satisfies Pointer));
    }
    if (page.length === 0) break;
  }
  await backlog.send('queue', bodies);
  return bodies.length;
}

/** The objects of dead letters, which only `agensight replay` puts back into the queue. */
async function deadLetteredKeys({ backlog }: Pick<Dependencies, 'backlog'>): Promise<Set<string>> {
  const keys = new Set<string>();
  if ((await backlog.count('deadLetters')) === 0) return keys;
  for (let seen = 0; seen < MAX_DEAD_LETTERS; ) {
    const messages = await backlog.receive('deadLetters', HIDDEN_SECONDS);
    if (messages.length === 0) break;
    seen += messages.length;
    for (const { body } of messages) {
      const key = decodePointer(body);
      if (key) keys.add(key);
    }
  }
  return keys;
}
