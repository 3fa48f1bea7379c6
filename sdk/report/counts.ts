/** Counts of an instance's records by their outcome, with the reasons. `status()` returns them. */
import type { SdkReport } from '../../wire/records.ts';
import { uuidV7 } from '../platform/ids.ts';
import { SDK_NAME, VERSION } from '../platform/version.ts';
import type { Warn } from './warnings.ts';

/** Numbers of records since the instance was created, over all calls of `init`. */
export interface Counts {
  /** Created here, or recovered from the spool of an earlier process. */
  created: number;
  sent: number;
  rejected: number;
  dropped: number;
  /** Left on disk by a runtime that was shut down, for the next start. */
  spooled: number;
  /** Calls that were not recorded because their trace is not in the sample. */
  unsampled: number;
  /** Values that were hidden because `mask` threw. */
  maskFailed: number;
  /** Values that were not recorded because the option `input` or `output` of a function threw. */
  mapperFailed: number;
}

/** What one instance of the SDK counts. The server learns it with every batch, and finds gaps by it. */
export interface Report {
  /** The id under which the server knows this instance; made with the first batch. */
  processId: string | undefined;
  readonly counts: Counts;
  /** Why the latest attempt to deliver failed; undefined after one that did not. */
  lastFailure: string | undefined;
  /** Why the spool did not hold records, the latest time that it did not. */
  spoolFault: string | undefined;
  /** Records by the reason of their rejection or their drop. */
  readonly reasons: {
    readonly rejected: Map<string, number>;
    readonly dropped: Map<string, number>;
  };
}

export const createReport = (): Report => ({
  processId: undefined,
  lastFailure: undefined,
  spoolFault: undefined,
  counts: {
    created: 0,
    sent: 0,
    rejected: 0,
    dropped: 0,
    spooled: 0,
    unsampled: 0,
    maskFailed: 0,
    mapperFailed: 0,
  },
  reasons: { rejected: new Map(), dropped: new Map() },
});

/** Numbers of records by reason. */
export type Reasons = Record<string, number>;

/** Distinct reasons that are kept; further ones are counted as `other`. */
const MAX_REASONS = 32;

/** Counts records, already counted as created, that this process discarded. */
export function drop(report: Report, reason: string, records: number): void {
  report.counts.dropped += records;
  add(report.reasons.dropped, reason, records);
}

/** Counts one record that failed before it was counted as created. */
export function dropUncounted(report: Report, reason: string): void {
  report.counts.created += 1;
  drop(report, reason, 1);
}

/** Counts records that the server, or the local file, refused. */
export function reject(report: Report, reason: string, records: number): void {
  report.counts.rejected += records;
  add(report.reasons.rejected, reason, records);
}

function add(byReason: Map<string, number>, reason: string, records: number): void {
  if (records <= 0) return;
  const key = byReason.has(reason) || byReason.size < MAX_REASONS ? reason : 'other';
  byReason.set(key, (byReason.get(key) ?? 0) + records);
}

/** Notes that the spool does not hold the records that are created now, and warns of it. */
export function failSpool(report: Report, warn: Warn, code: string, fault: string): void {
  report.spoolFault = fault;
  warn(code, `${fault}; records wait in memory`);
}

/** Reasons that are named in one sentence. */
const MAX_NAMED = 3;

/** Why records were not sent; empty when all were. `pending` are those that wait in memory. */
export function describeUnsent(report: Report, pending: number): string {
  const { counts, reasons, lastFailure } = report;
  const named = (byReason: Map<string, number>, outcome: string): string[] =>
    [...byReason]
      .slice(0, MAX_NAMED)
      .map(([reason, records]) => `${records} ${outcome}: ${reason}`);
  const parts = [
    ...(pending > 0 ? [`${pending} pending: ${lastFailure ?? 'no answer yet'}`] : []),
    ...(counts.spooled > 0 ? [`${counts.spooled} pending: kept in the spool`] : []),
    ...named(reasons.dropped, 'dropped'),
    ...named(reasons.rejected, 'rejected'),
  ];
  return parts.join('; ');
}

/** The counts of an instance as each of its batches carries them. */
export function sdkReport(report: Report): SdkReport {
  const { created, sent, dropped, rejected } = report.counts;
  report.processId ??= uuidV7(Date.now());
  return {
    name: SDK_NAME,
    version: VERSION,
    process_id: report.processId,
    created,
    sent,
    dropped: dropped + rejected,
  };
}
