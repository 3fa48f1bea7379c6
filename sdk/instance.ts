/** One instance of the SDK: its configuration, delivery and status. */

import type { InitOptions } from './config/init-options.ts';
import { processEnvironment, resolveOptions, type Settings } from './config/options.ts';
import { createDelivery } from './delivery/delivery.ts';
import type { Exporter } from './delivery/exporter.ts';
import { createHttpExporter } from './delivery/http-exporter.ts';
import { createLocalExporter } from './delivery/local-exporter.ts';
import { updateAuto } from './instrument/auto.ts';
import { describeUnsent, type Reasons } from './report/counts.ts';
import { createWarn, type Warn } from './report/warnings.ts';
import { updateExitHooks } from './runtime/exit.ts';
import {
  active,
  flushAll,
  type Instance,
  instances,
  Runtime,
  runtimes,
} from './runtime/runtime.ts';
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
  /**
   * Records that wait; after `shutdown`, those in the spool, which the next start sends. Also those
   * that ended while the flush ran, such as results that nobody reads, whose spans end when they are
   * garbage-collected.
   */
  pending: number;
  /**
   * Why records are pending, dropped or rejected, in English: `2 pending: connect ECONNREFUSED
   * 127.0.0.1:4318`. Absent when all were sent.
   */
  reason?: string;
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
 * Options of `flush` and `shutdown`.
 *
 * @example
 * await flush({ timeoutMillis: 2_000 });
 */
export interface FlushOptions {
  /**
   * The longest wait, in milliseconds.
   * @defaultValue `10_000`
   */
  timeoutMillis?: number | undefined;
}

/** Configures an instance, in place of its earlier configuration, which still delivers its records. */
export function configure(instance: Instance, options: InitOptions): void {
  const { settings, problems } = resolveOptions(options, processEnvironment());
  const warn = createWarn(settings.onWarning, instance.warned, settings.log);
  if (problems.length > 0) warn('environment', problems.join('; '));
  retire(instance);
  if (settings.enabled) {
    instances.add(instance);
    const delivery = createDelivery(settings, exporter(settings, warn), instance.report, warn);
    instance.runtime = new Runtime(instance, settings, delivery, warn);
  }
  updateExitHooks();
  updateAuto();
}

/** Delivers the records of an instance. */
export async function flushOf(instance: Instance, options?: FlushOptions): Promise<FlushResult> {
  await flushAll(runtimes([instance]), options?.timeoutMillis);
  return resultOf(instance);
}

/** Delivers the records of an instance, and stops it. */
export async function shutdownOf(instance: Instance, options?: FlushOptions): Promise<FlushResult> {
  for (const unfinished of openStreams) {
    if (unfinished.belongsTo(instance)) unfinished.abandon();
  }
  const stopped = runtimes([instance]);
  retire(instance);
  updateAuto();
  await flushAll(stopped, options?.timeoutMillis);
  for (const runtime of stopped) {
    runtime.delivery.stop();
    instance.retired.delete(runtime);
  }
  if (instance !== active && runtimes([instance]).length === 0) instances.delete(instance);
  updateExitHooks();
  return resultOf(instance);
}

/** The state of an instance. */
export function statusOf(instance: Instance): Status {
  const { counts, reasons } = instance.report;
  const { spooled, ...known } = counts;
  const { rejected, dropped } = reasons;
  const pending = runtimes([instance]).reduce((sum, { delivery }) => sum + delivery.pending, 0);
  const reason = describeUnsent(instance.report, pending);
  return {
    enabled: !!instance.runtime,
    ...known,
    pending: pending + spooled,
    ...(reason === '' ? {} : { reason }),
    rejectedBy: Object.fromEntries(rejected),
    droppedBy: Object.fromEntries(dropped),
  };
}

/** Retires the current runtime: it delivers its records, and takes only spans that are still open. */
function retire(instance: Instance): void {
  const { runtime } = instance;
  instance.runtime = undefined;
  if (!runtime) return;
  instance.retired.add(runtime);
  runtime.delivery.retire(() => instance.retired.delete(runtime));
}

const exporter = (settings: Settings, warn: Warn): Exporter =>
  settings.mode === 'local'
    ? createLocalExporter(settings.localFile, warn)
    : createHttpExporter(settings);

function resultOf(instance: Instance): FlushResult {
  const { sent, rejected, dropped, pending, reason } = statusOf(instance);
  return { sent, rejected, dropped, pending, ...(reason === undefined ? {} : { reason }) };
}
