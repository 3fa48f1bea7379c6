/** Sessions as the host program passes them, and as the SDK stores them. */

import { isId } from '../../wire/values.ts';
import { hasFields, isText, textOf } from '../platform/values.ts';
import { snapshot } from '../serialize/snapshot.ts';

/**
 * A session, such as one conversation: its id (1 to 128 printable characters) or an object with the
 * id and properties. `user_id` and `userId` are the same property.
 *
 * @example
 * init({ session: { id: 'chat_42', name: 'Refund', userId: 'user_7', metadata: { plan: 'pro' } } });
 */
export type Session =
  | string
  | {
      id: string;
      name?: string | null | undefined;
      user_id?: string | null | undefined;
      userId?: string | null | undefined;
      metadata?: Readonly<Record<string, unknown>> | null | undefined;
    };

/** A checked session. */
export interface SessionInfo {
  readonly id: string;
  readonly name: string | null;
  readonly userId: string | null;
  /** JSON text. */
  readonly metadata: string | null;
}

/** The session, or a sentence that says why it is invalid. */
export function readSession(given: unknown): SessionInfo | string {
  const session = isText(given) ? { id: given } : given;
  if (!hasFields(session)) {
    return 'must be an id or an object {id, name, user_id, metadata}';
  }
  const { id, name, user_id, userId, metadata } = session;
  if (!isText(id) || !isId(id)) {
    return 'needs an id of 1 to 128 printable characters';
  }
  return {
    id,
    name: textOf(name),
    userId: textOf(user_id) ?? textOf(userId),
    metadata: snapshot(metadata ?? undefined),
  };
}

/** The session; undefined when there is none or it is invalid. */
export function usableSession(session: unknown): SessionInfo | undefined {
  const info = readSession(session ?? '');
  return isText(info) ? undefined : info;
}
