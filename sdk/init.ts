/** Starting, emptying and stopping the SDK. */

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
import { flushAll } from './runtime/flush.ts';
import { active, Runtime, runtimes } from './runtime/runtime.ts';
import { openStreams } from './span/open-roots.ts';

/** What became of the records that were made since the process began. */
export interface FlushResult {
  /** Acknowledged as stored. */
  sent: number;
  /** Refused by the server. */
  rejected: number;
  /** Given up on this side. */
  dropped: number;
  /** Still waiting; after `shutdown`, in the spool for the next start. */
  pending: number;
}

/** Where the SDK stands. */
export interface Status extends FlushResult {
  /** Whether wrapped functions are recorded. */
  enabled: boolean;
  /** Records made, or taken over from the spool of an earlier process; the sum of the other four. */
  created: number;
  /** Rejected records by reason, such as `401 this token is unknown`. */
  rejectedBy: Reasons;
  /**
   * Dropped records by reason: `queue-full` (beyond `maxQueueBytes`), `stopped` (at or after
   * `shutdown`), `unreadable` (a value that could not be written), `spool-torn` and `spool-lost`
   * (a file that a crash, or somebody, damaged).
   */
  droppedBy: Reasons;
  /** Calls that were not recorded because their trace is not in the sample (`sampleRate`). */
  unsampled: number;
  /** Values that were hidden because `mask` threw. */
  maskFailed: number;
}

/**
 * Starts recording. Waits for no network, prints nothing, and leaves the options as they are.
 *
 * Calling it again replaces everything; what the earlier one holds is still delivered.
 *
 * @throws {OptionsError} when an option is wrong, or when `dev` or `prod` has no token.
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
 * Delivers what is held now. Never rejects, and is back by its deadline.
 *
 * @param options `timeoutMillis`: the deadline, 10,000 by default.
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
 * Delivers what is held and stops: wrapped functions then just run. What could not be delivered by
 * the deadline counts as dropped. Never rejects.
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

/** How many records were made, and what became of them. */
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

/** Lets the current runtime deliver what it holds, and take nothing new but spans still open. */
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
