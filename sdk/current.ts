/** What is open at this point of the program. */
import type { Span } from '@opentelemetry/api';
import { usableSession } from './definition.ts';
import type { Session } from './sessions.ts';
import { state } from './state.ts';

/**
 * The span that is open here, with OpenTelemetry's methods; undefined when there is none.
 *
 * @example
 * currentSpan()?.setAttribute('cache', 'hit');
 */
export const currentSpan = (): Span | undefined => state.storage.getStore()?.span;

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
  return state.storage.run({ span: state.storage.getStore()?.span, session: facts }, fn);
}
