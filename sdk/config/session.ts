/** Sessions: what the user calls one, and when its record is due. */

import { timeFields } from '../platform/clock.ts';
import { isUsableId } from '../platform/ids.ts';
import { isObject, isText, textOf } from '../platform/values.ts';
import { CLOSE, json, label } from '../records/fields.ts';
import { quoteLabel, snapshot } from '../serialize/snapshot.ts';

/** A session: a text is its id; `user_id` and `userId` mean the same. */
export type Session =
  | string
  | {
      id: string;
      name?: string | null | undefined;
      user_id?: string | null | undefined;
      userId?: string | null | undefined;
      metadata?: Readonly<Record<string, unknown>> | null | undefined;
    };

/** A session, checked once. */
export interface SessionFacts {
  readonly id: string;
  readonly name: string | null;
  readonly userId: string | null;
  /** JSON text. */
  readonly metadata: string | null;
}

/** The facts of a session, or a sentence that says what is wrong with it. */
export function readSession(given: unknown): SessionFacts | string {
  const session = isText(given) ? { id: given } : given;
  if (!isObject(session)) {
    return 'must be an id or an object {id, name, user_id, metadata}';
  }
  const { id, name, user_id, userId, metadata } = session;
  if (!isText(id) || !isUsableId(id)) {
    return 'needs an id of 1 to 128 printable characters';
  }
  return {
    id,
    name: textOf(name),
    userId: textOf(user_id) ?? textOf(userId),
    metadata: snapshot(metadata ?? undefined),
  };
}

/** The facts of a session; undefined when there is none or it is unusable. */
export function usableSession(session: unknown): SessionFacts | undefined {
  const facts = readSession(session ?? '');
  return isText(facts) ? undefined : facts;
}

interface Activity {
  facts: SessionFacts;
  startedAt: number;
  endedAt: number;
}

/**
 * Sessions with activity that is not on its way yet. Each is sent once per batch, however many of
 * its traces ended; afterwards nothing of it is kept, because the database keeps the least start and
 * the greatest end by itself.
 */
export class SessionLog {
  readonly #due = new Map<string, Activity>();

  get size(): number {
    return this.#due.size;
  }

  /** Notes a trace of this session; returns whether a record became due that was not. */
  touch(facts: SessionFacts, startedAt: number, endedAt: number): boolean {
    const known = this.#due.get(facts.id);
    if (!known) {
      this.#due.set(facts.id, { facts, startedAt, endedAt });
      return true;
    }
    if (startedAt < known.startedAt) known.startedAt = startedAt;
    if (endedAt > known.endedAt) known.endedAt = endedAt;
    if (known.facts !== facts) known.facts = newer(known.facts, facts);
    return false;
  }

  /** The records that are due, as JSON text, which are then due no longer. */
  take(mode: string | null): string[] {
    const records = [...this.#due.values()].map(({ facts, startedAt, endedAt }) =>
      sessionJson(facts, mode, startedAt, endedAt),
    );
    this.#due.clear();
    return records;
  }
}

/** The record of a session with activity from one moment to another, as JSON text. */
export const sessionJson = (
  facts: SessionFacts,
  mode: string | null,
  startedAt: number,
  endedAt: number,
): string =>
  `{"id":${quoteLabel(facts.id)}` +
  label('name', facts.name) +
  label('user_id', facts.userId) +
  json('metadata', facts.metadata) +
  label('mode', mode) +
  timeFields(startedAt, endedAt) +
  CLOSE;

/** What the later one does not say stays as the earlier one said it. */
const newer = (earlier: SessionFacts, later: SessionFacts): SessionFacts => ({
  id: later.id,
  name: later.name ?? earlier.name,
  userId: later.userId ?? earlier.userId,
  metadata: later.metadata ?? earlier.metadata,
});
