/** What has to be done now and then: retention in the database, and batches that nobody points to. */

import { decodePointer, type Pointer } from './object.ts';
import type { BackDependencies } from './worker.ts';

/** How long one call of the database may work: PostgREST ends statements after 8 seconds. */
const DATABASE_BUDGET_MILLIS = 4_000;
/** Time that must be left to go on. */
const NEEDED_MILLIS = 20_000;
/** An object younger than this has its message still to come. */
export const ORPHAN_AGE_MILLIS = 10 * 60_000;
/** How many orphans one run queues: what is more waits for the next. */
export const MAX_ORPHANS = 10_000;
/** How many dead letters one run looks at, to leave alone what they point to. */
const MAX_DEAD_LETTERS = 1_000;
/** For how long it hides them from `agensight replay` meanwhile. */
const HIDDEN_SECONDS = 60;

export interface Upkeep {
  /** Rows deleted, by table. */
  deleted: Record<string, number>;
  /** Whether the database has nothing more to delete now. */
  isFinished: boolean;
  /** Batches without a message that have one again. */
  orphans: number;
}

/**
 * One run. The overflow is seen to first: it needs no database.
 *
 * @throws Error when the database or AWS would not do their part, after everything else is done
 */
export async function upkeep(
  dependencies: BackDependencies,
  leftMillis: () => number,
): Promise<Upkeep> {
  const { store, log, counters } = dependencies;
  const problems: string[] = [];
  const orphans = await sweep(dependencies).catch((error: Error) => {
    problems.push(`the overflow could not be swept: ${error.name}`);
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
    log.error('Upkeep failed', { reason: problems.join('; ') });
    throw new Error(`Upkeep failed: ${problems.join('; ')}`);
  }
  if (orphans > 0) log.warn('Queued batches that no message pointed to', { orphans });
  return { deleted, isFinished, orphans };
}

/**
 * Objects without a message: the ingest function ended between the two, or SQS was away, or the
 * message was given up after two weeks. While messages are on their way nobody can tell which object
 * is one of them, so this waits until the queue is empty.
 */
async function sweep({ backlog, now }: BackDependencies): Promise<number> {
  if ((await backlog.count('queue')) > 0) return 0;
  const buried = await buriedKeys({ backlog });
  const bodies: string[] = [];
  let after = '';
  while (bodies.length < MAX_ORPHANS) {
    const page = await backlog.list(after);
    for (const { key, writtenAtMillis } of page) {
      after = key;
      if (writtenAtMillis > now() - ORPHAN_AGE_MILLIS || buried.has(key)) continue;
      bodies.push(JSON.stringify({ key } satisfies Pointer));
    }
    if (page.length === 0) break;
  }
  await backlog.send('queue', bodies);
  return bodies.length;
}

/** What the dead letters point to is left to `agensight replay`. */
async function buriedKeys({ backlog }: Pick<BackDependencies, 'backlog'>): Promise<Set<string>> {
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
