/** Replay: puts batches back into the queue, from the dead-letter queue or for a range of time. */

import * as z from 'zod/mini';
import { OVERFLOW_PREFIX } from '../../wire/operations.ts';
import type { Backlog } from './backlog.ts';
import type { Pointer } from './object.ts';

/** What to replay. Times are those of acceptance, in milliseconds since 1970. */
export type ReplayOrder =
  | { what: 'deadLetters' }
  | { what: 'range'; fromMillis: number; toMillis: number; afterKey: string };

export interface ReplayAnswer {
  /** Messages put into the queue. */
  replayed: number;
  /** Whether everything has been replayed. */
  isFinished: boolean;
  /** Where to continue a range: `after` of the next order. */
  after: string;
}

/** Time that must be left to continue. */
const NEEDED_MILLIS = 10_000;
/** How long a dead letter is invisible to others while it is moved. */
const HIDDEN_SECONDS = 60;

const timeSchema = z.pipe(
  z.string(),
  z.pipe(
    z.transform((text: string) => Date.parse(text)),
    z.number(),
  ),
);

const orderSchema = z.union([
  z.pipe(
    z.object({ dead_letters: z.literal(true) }),
    z.transform((): ReplayOrder => ({ what: 'deadLetters' })),
  ),
  z.pipe(
    z
      .object({ from: timeSchema, to: timeSchema, after: z._default(z.string(), '') })
      .check(z.refine(({ from, to }) => from <= to)),
    z.transform(
      ({ from, to, after }): ReplayOrder => ({
        what: 'range',
        fromMillis: from,
        toMillis: to,
        afterKey: after,
      }),
    ),
  ),
]);

/** An event that has a member `replay`, of any value. */
const eventSchema = z.object({ replay: z.unknown() });

/**
 * The order in an event: `{"replay": {"dead_letters": true}}`, or with ISO 8601 times
 * `{"replay": {"from": "...", "to": "...", "after": "<key>"}}`; null for any other event.
 *
 * @throws TypeError when the event asks for a replay in another form
 */
export function readReplay(event: unknown): ReplayOrder | null {
  const sent = eventSchema.safeParse(event).data;
  if (sent?.replay === undefined) return null;
  const order = orderSchema.safeParse(sent.replay);
  if (!order.success) {
    throw new TypeError('replay needs dead_letters, or from and to as ISO 8601 times in order.');
  }
  return order.data;
}

/**
 * Replays until everything is done or the time runs out. Storing a batch again changes nothing, so
 * replaying too much only costs time.
 *
 * @throws Error when S3 or SQS fails
 */
export async function replay(
  order: ReplayOrder,
  { backlog }: { backlog: Backlog },
  leftMillis: () => number,
): Promise<ReplayAnswer> {
  const answer: ReplayAnswer = { replayed: 0, isFinished: false, after: '' };
  if (order.what === 'range') {
    answer.after = order.afterKey || keyBefore(order.fromMillis);
  }
  while (!answer.isFinished && leftMillis() > NEEDED_MILLIS) {
    if (order.what === 'deadLetters') await moveDeadLetters(answer, backlog);
    else await queuePage(answer, order.toMillis, backlog);
  }
  return answer;
}

async function moveDeadLetters(answer: ReplayAnswer, backlog: Backlog): Promise<void> {
  const messages = await backlog.receive('deadLetters', HIDDEN_SECONDS);
  answer.isFinished = messages.length === 0;
  if (answer.isFinished) return;
  // In this order, a failure between the two leaves a message twice, never not at all.
  const bodies = messages.map(({ body }) => body);
  await backlog.send('queue', bodies);
  const handles = messages.map(({ receiptHandle }) => receiptHandle);
  await backlog.delete('deadLetters', handles);
  answer.replayed += messages.length;
}

async function queuePage(answer: ReplayAnswer, toMillis: number, backlog: Backlog): Promise<void> {
  const page = await backlog.list(answer.after);
  // "~" sorts after everything that follows the time in a key.
  const last = `${OVERFLOW_PREFIX}${new Date(toMillis).toISOString()}~`;
  const wanted = page.filter(({ key }) => key <= last);
  const bodies = wanted.map(({ key }) => JSON.stringify({ key } satisfies Pointer));
  await backlog.send('queue', bodies);
  answer.replayed += bodies.length;
  answer.after = wanted.at(-1)?.key ?? answer.after;
  answer.isFinished = wanted.length < page.length || page.length === 0;
}

/** A key that sorts before all batches that were accepted then or later. */
function keyBefore(millis: number): string {
  return OVERFLOW_PREFIX + new Date(millis).toISOString();
}
