/** What is open at this point of the program. */

import { type Session, usableSession } from './config/session.ts';
import type { ActiveSpan } from './span/active-span.ts';
import { storage } from './span/context.ts';
import type { ActiveTrace } from './span/trace-state.ts';

/**
 * The span that is open here, to add to it; undefined when there is none.
 *
 * @example
 * currentSpan()?.setAttribute('cache', 'hit');
 */
export const currentSpan = (): ActiveSpan | undefined => storage.getStore()?.span;

/**
 * The trace that is open here, to add to it; undefined when there is none. It takes what is said
 * until its first span ends.
 *
 * @example
 * currentTrace()?.setUser(request.user.id).addTags('beta').setMetadata({ plan: 'pro' });
 */
export const currentTrace = (): ActiveTrace | undefined => storage.getStore()?.span?.trace;

/**
 * Runs a function with a session for the traces that start inside it; a session given to `trace` has
 * precedence. An unusable session is ignored.
 *
 * @example
 * app.use((request, response, next) => withSession(request.chatId, next));
 */
export function withSession<R>(session: Session, fn: () => R): R {
  const facts = usableSession(session);
  if (!facts) return fn();
  const scope = storage.getStore();
  return storage.run({ span: scope?.span, session: facts, remote: scope?.remote }, fn);
}
