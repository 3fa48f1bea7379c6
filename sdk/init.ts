/** Initialising, flushing and shutting down the SDK, and its status. */

import type { InitOptions } from './config/init-options.ts';
import {
  configure,
  type FlushOptions,
  type FlushResult,
  flushOf,
  type Status,
  shutdownOf,
  statusOf,
} from './instance.ts';
import { active } from './runtime/runtime.ts';

/**
 * Initialises the SDK and starts recording. It does no network I/O, prints nothing, and does not change
 * the options. Only a process that ends with undelivered records prints one line ({@link InitOptions.log}).
 *
 * Another call replaces all options; records of the earlier configuration are still delivered.
 *
 * @param options All options may be left out; see {@link InitOptions} for their defaults.
 * @throws {OptionsError} when an option is invalid or unknown, or when the mode `dev` or `prod` has no
 *   token
 * @example
 * init({ name: 'chat-service', mode: 'prod', token: process.env.AGENSIGHT_TOKEN, session: 'user_456' });
 */
export const init = (options: InitOptions = {}): void => configure(active, options);

/**
 * Delivers all records. Never rejects.
 *
 * @param options `timeoutMillis`: the longest wait in milliseconds.
 * @defaultValue `timeoutMillis`: `10_000`
 * @returns the numbers of records by outcome, when all are settled or the time is up
 * @example
 * const { pending } = await flush({ timeoutMillis: 2_000 });
 */
export const flush = (options?: FlushOptions): Promise<FlushResult> => flushOf(active, options);

/**
 * Delivers all records and stops: wrapped functions are no longer recorded. Records that were not
 * delivered by the deadline are dropped, unless they are in the spool. Never rejects.
 *
 * @param options `timeoutMillis`: the longest wait in milliseconds.
 * @defaultValue `timeoutMillis`: `10_000`
 * @returns the numbers of records by outcome
 * @example
 * server.on('close', () => shutdown({ timeoutMillis: 5_000 }));
 */
export const shutdown = (options?: FlushOptions): Promise<FlushResult> =>
  shutdownOf(active, options);

/**
 * The state of the SDK, and the numbers of records by outcome since the process began. Never throws.
 *
 * @returns a snapshot; later changes do not affect it
 * @example
 * const { created, sent, rejected, dropped, pending } = status();
 * console.assert(created === sent + rejected + dropped + pending);
 */
export const status = (): Status => statusOf(active);
