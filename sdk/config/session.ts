/** Sessions: what the user calls one, and when its record is due. */

import { isUsableId } from '../platform/ids.ts';
import { isObject, isText, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';

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
export interface SessionInfo {
  readonly id: string;
  readonly name: string | null;
  readonly userId: string | null;
  /** JSON text. */
  readonly metadata: string | null;
}

/** The facts of a session, or a sentence that says what is wrong with it. */
export function readSession(given: unknown): SessionInfo | string {
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
export function usableSession(session: unknown): SessionInfo | undefined {
  const facts = readSession(session ?? '');
  return isText(facts) ? undefined : facts;
}
