/** Initialising, flushing and shutting down the SDK, and its status. */

import type { InitOptions } from './config/init-options.ts';
import { processEnvironment, resolveOptions, type Settings } from './config/options.ts';
import { createDelivery } from './delivery/delivery.ts';
import type { Exporter } from './delivery/exporter.ts';
import { createHttpExporter } from './delivery/http-exporter.ts';
import { createSqliteExporter } from './delivery/sqlite-exporter.ts';
import { startAuto, stopAuto } from './instrument/auto.ts';
import type { Reasons } from './report/counts.ts';
import { counts, reasons } from './report/counts.ts';
import { createWarn, type Warn } from './report/warnings.ts';
import { hookExit, unhookExit } from './runtime/exit.ts';
import { active, flushAll, Runtime, runtimes } from './runtime/runtime.ts';
import { openStreams } from './span/open-roots.ts';

/**
 * Numbers of records by outcome since the process began: the result of {@link flush} and
 * {@link shutdown}.
 *
 * @example
 * const { pending, dropped } = await flush();
 */
export interface FlushResult {
  /** Records that the server, or the local file, has stored. */
  sent: number;
  /** Records that the server, or the local file, refused. */
  rejected: number;
  /** Records that this process discarded. */
  dropped: number;
  /** Records that wait; after `shutdown`, those in the spool, which the next start sends. */
  pending: number;
}

/**
 * The state of the SDK: the result of {@link status}.
 *
 * @example
 * const { enabled, droppedBy } = status();
 */
export interface Status extends FlushResult {
  /** Whether the SDK is initialised and records wrapped functions. */
  enabled: boolean;
  /**
   * Records created, or recovered from the spool of an earlier process. Always the sum of `sent`,
   * `rejected`, `dropped` and `pending`.
   */
  created: number;
  /** Rejected records by reason, such as `401 this token is unknown`. Up to 32 reasons, then `other`. */
  rejectedBy: Reasons;
  /**
   * Dropped records by reason: `queue-full` (beyond `maxQueueBytes`), `stopped` (not delivered by
   * `shutdown`, or ended after it), `unreadable` (a value could not be written), `spool-torn` (the last
   * write before a crash was incomplete) and `spool-lost` (a file of the spool is damaged or missing).
   */
  droppedBy: Reasons;
  /** Calls that were not recorded because of `sampleRate`. */
  unsampled: number;
  /** Values that were hidden because `mask` threw. */
  maskFailed: number;
  /** Values that were not recorded because the option `input` or `output` of a function threw. */
  mapperFailed: number;
}

/**
 * Initialises the SDK and starts recording. It does no network I/O, prints nothing, and does not change
 * the options.
 *
 * Another call replaces all options; records of the earlier configuration are still delivered.
 *
 * @param options All options may be left out; see {@link InitOptions} for their defaults.
 * @throws {OptionsError} when an option is invalid or unknown, or when the mode `dev` or `prod` has no
 *   token
 * @example
 * init({ name: 'chat-service', mode: 'prod', token: process.env.AGENSIGHT_TOKEN, session: 'user_456' });
 */
export function init(options: InitOptions = {}): void {
  const { settings, problems } = resolveOptions(options, processEnvironment());
  const warn = createWarn(settings.onWarning);
  if (problems.length > 0) warn('environment', problems.join('; '));
  retire();
  if (!settings.enabled) return;
  active.runtime = new Runtime(settings, createDelivery(settings, delivery(settings, warn), warn));
  hookExit(settings.handleSignals);
  startAuto(settings.autoInstrument, warn);
}

/**
 * Delivers all records. Never rejects.
 *
 * @param options `timeoutMillis`: the longest wait in milliseconds.
 * @defaultValue `timeoutMillis`: `10_000`
 * @returns the numbers of records by outcome, when all are settled or the time is up
 * @example
 * const { pending } = await flush({ timeoutMillis: 2_000 });
 */
export async function flush(options?: {
  timeoutMillis?: number | undefined;
}): Promise<FlushResult> {
  await flushAll(runtimes(), options?.timeoutMillis);
  return result();
}

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
export async function shutdown(options?: {
  timeoutMillis?: number | undefined;
}): Promise<FlushResult> {
  for (const unfinished of openStreams) unfinished.abandon();
  const stopped = runtimes();
  retire();
  await flushAll(stopped, options?.timeoutMillis);
  for (const runtime of stopped) {
    runtime.delivery.stop();
    active.retired.delete(runtime);
  }
  if (runtimes().length === 0) unhookExit();
  return result();
}

/**
 * The state of the SDK, and the numbers of records by outcome since the process began. Never throws.
 *
 * @returns a snapshot; later changes do not affect it
 * @example
 * const { created, sent, rejected, dropped, pending } = status();
 * console.assert(created === sent + rejected + dropped + pending);
 */
export function status(): Status {
  const { spooled, ...known } = counts;
  const { rejected, dropped } = reasons;
  return {
    enabled: !!active.runtime,
    ...known,
    pending: runtimes().reduce((sum, { delivery }) => sum + delivery.pending, spooled),
    rejectedBy: Object.fromEntries(rejected),
    droppedBy: Object.fromEntries(dropped),
  };
}

/** Retires the current runtime: it delivers its records, and takes only spans that are still open. */
function retire(): void {
  const { runtime } = active;
  active.runtime = undefined;
  stopAuto();
  if (!runtime) return;
  active.retired.add(runtime);
  runtime.delivery.retire(() => active.retired.delete(runtime));
}

const delivery = (settings: Settings, warn: Warn): Exporter =>
  settings.mode === 'local'
    ? createSqliteExporter(settings.localFile, warn)
    : createHttpExporter(settings);

function result(): FlushResult {
  const { sent, rejected, dropped, pending } = status();
  return { sent, rejected, dropped, pending };
}
