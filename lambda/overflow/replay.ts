/** Brings batches back into the queue: those behind the dead letters, or those of a range of time. */

import { OVERFLOW_PREFIX, type Pointer } from './object.ts';
import type { BackDependencies } from './worker.ts';

/** What to bring back. Times are milliseconds since 1970, of acceptance. */
export type ReplayOrder =
  | { what: 'deadLetters' }
  | { what: 'range'; fromMillis: number; toMillis: number; afterKey: string };

export interface ReplayAnswer {
  /** Messages that are in the queue again. */
  replayed: number;
  /** Whether that was all. */
  isFinished: boolean;
  /** Where a range goes on: `after` of the next order. */
  after: string;
}

/** Time that must be left to go on. */
const NEEDED_MILLIS = 10_000;
/** For how long a dead letter is hidden from others while it is moved. */
const HIDDEN_SECONDS = 60;

/**
 * The order in an event: `{"replay": {"dead_letters": true}}`, or with times as ISO 8601
 * `{"replay": {"from": "...", "to": "...", "after": "<key>"}}`; null for another event.
 *
 * @throws TypeError when it asks for a replay, but not for one of these
 */
export function readReplay(event: unknown): ReplayOrder | null {
  const order = (event as { replay?: Record<string, unknown> } | null)?.replay;
  if (order === undefined) return null;
  if (order?.dead_letters === true) return { what: 'deadLetters' };
  const fromMillis = Date.parse(String(order?.from));
  const toMillis = Date.parse(String(order?.to));
  if (Number.isNaN(fromMillis) || Number.isNaN(toMillis) || fromMillis > toMillis) {
    throw new TypeError('replay needs dead_letters, or from and to as ISO 8601 times in order.');
  }
  return { what: 'range', fromMillis, toMillis, afterKey: String(order.after ?? '') };
}

/**
 * Replays until it is done or its time is short. Storing a batch a second time changes nothing, so
 * replaying too much costs time alone.
 *
 * @throws Error when S3 or SQS will not
 */
export async function replay(
  order: ReplayOrder,
  { backlog }: Pick<BackDependencies, 'backlog'>,
  leftMillis: () => number,
): Promise<ReplayAnswer> {
  const answer: ReplayAnswer = { replayed: 0, isFinished: false, after: '' };
  if (order.what === 'range') {
    answer.after = order.afterKey || keyBefore(order.fromMillis);
  }
  while (!answer.isFinished && leftMillis() > NEEDED_MILLIS) {
    if (order.what === 'deadLetters') await moveSome(answer, backlog);
    else await queueSome(answer, order.toMillis, backlog);
  }
  return answer;
}

async function moveSome(answer: ReplayAnswer, backlog: BackDependencies['backlog']): Promise<void> {
  const messages = await backlog.receive('deadLetters', HIDDEN_SECONDS);
  answer.isFinished = messages.length === 0;
  if (answer.isFinished) return;
  // In this order: a message may be there twice, but never not at all.
  const bodies = messages.map(({ body }) => body);
  await backlog.send('queue', bodies);
  const handles = messages.map(({ receiptHandle }) => receiptHandle);
  await backlog.delete('deadLetters', handles);
  answer.replayed += messages.length;
}

async function queueSome(
  answer: ReplayAnswer,
  toMillis: number,
  backlog: BackDependencies['backlog'],
): Promise<void> {
  const page = await backlog.list(answer.after);
  // "~" stands behind whatever follows the time in a key.
  const last = `${OVERFLOW_PREFIX}${new Date(toMillis).toISOString()}~`;
  const wanted = page.filter(({ key }) => key <= last);
  const bodies = wanted.map(({ key }) => JSON.stringify({ key } satisfies Pointer));
  await backlog.send('queue', bodies);
  answer.replayed += bodies.length;
  answer.after = wanted.at(-1)?.key ?? answer.after;
  answer.isFinished = wanted.length < page.length || page.length === 0;
}

/** A key that stands before all that were accepted then or later. */
function keyBefore(millis: number): string {
  return OVERFLOW_PREFIX + new Date(millis).toISOString();
}
