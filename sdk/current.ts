/** The current span and trace, and the session of traces that start here. */

import { type Session, usableSession } from './config/session.ts';
import type { ActiveSpan } from './span/active-span.ts';
import { storage } from './span/context.ts';
import type { ActiveTrace } from './span/trace-state.ts';

/**
 * The current span. Never throws.
 *
 * @returns the open span around this point of the program; undefined when there is none
 * @example
 * currentSpan()?.setAttribute('cache', 'hit');
 */
export const currentSpan = (): ActiveSpan | undefined => storage.getStore()?.span;

/**
 * The current trace. Its properties can be set until its root span ends. Never throws.
 *
 * @returns the trace of the current span; undefined when there is none
 * @example
 * currentTrace()?.setUser(request.user.id).addTags('beta').setMetadata({ plan: 'pro' });
 */
export const currentTrace = (): ActiveTrace | undefined => storage.getStore()?.span?.trace;

/**
 * Runs a function with a session for the traces that start inside it, also after `await`. The option
 * `session` of `trace` has precedence. An invalid session is ignored.
 *
 * @param session The id of the session, or an object with the id and properties.
 * @param fn The function to run.
 * @returns the result of the function
 * @throws whatever the function throws
 * @example
 * app.use((request, response, next) => withSession(request.chatId, next));
 */
export function withSession<R>(session: Session, fn: () => R): R {
  const info = usableSession(session);
  if (!info) return fn();
  const scope = storage.getStore();
  return storage.run({ span: scope?.span, session: info, remote: scope?.remote }, fn);
}
