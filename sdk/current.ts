/** The current span and trace, and the session of traces that start here. */

import { type Session, usableSession } from './config/session.ts';
import { isFunction } from './platform/values.ts';
import { active, scopeOf } from './runtime/runtime.ts';
import type { ActiveSpan } from './span/active-span.ts';
import { storage } from './span/context.ts';
import type { ActiveTrace } from './span/trace-state.ts';
import { type AnyFunction, copyProperties } from './wrap/wrap.ts';

/**
 * The current span. Never throws.
 *
 * @returns the open span around this point of the program; undefined when there is none
 * @example
 * currentSpan()?.setAttribute('cache', 'hit');
 */
export const currentSpan = (): ActiveSpan | undefined => scopeOf(active)?.span;

/**
 * The current trace. Its properties can be set until its root span ends. Never throws.
 *
 * @returns the trace of the current span; undefined when there is none
 * @example
 * currentTrace()?.setUser(request.user.id).addTags('beta').setMetadata({ plan: 'pro' });
 */
export const currentTrace = (): ActiveTrace | undefined => scopeOf(active)?.span?.trace;

/**
 * Binds a callback to the current span, trace and session: for pools, event emitters and batching
 * loaders, which call it in the context of another request. Name, length, `this`, result and errors do
 * not change. Never throws.
 *
 * @param callback The function to bind.
 * @returns the bound function; the callback itself where there is no current span or session
 * @see https://nodejs.org/api/async_context.html#static-method-asynclocalstoragebindfn
 * @example
 * pool.query(sql, bind((error, rows) => rank(rows)));
 */
export function bind<F extends AnyFunction>(callback: F): F {
  const scope = storage.getStore();
  if (!scope || !isFunction(callback)) return callback;
  function bound(this: unknown, ...args: unknown[]): unknown {
    if (new.target) return Reflect.construct(callback, args, callback);
    return storage.run(scope, () => Reflect.apply(callback, this, args));
  }
  copyProperties(bound, callback);
  return bound as F;
}

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
