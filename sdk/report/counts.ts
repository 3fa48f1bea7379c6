/** Counts of records by their outcome, with the reasons. `status()` returns them. */
import type { SdkReport } from '../../wire/records.ts';
import { uuidV7 } from '../platform/ids.ts';
import { shared } from '../platform/shared.ts';
import { SDK_NAME, VERSION } from '../platform/version.ts';

/** Numbers of records since the process began, over all calls of `init`. */
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

interface Report {
  readonly processId: string;
  readonly counts: Counts;
  /** Records by the reason of their rejection or their drop. */
  readonly reasons: {
    readonly rejected: Map<string, number>;
    readonly dropped: Map<string, number>;
  };
}

/** Counts and reasons of this process, shared by all copies of the package. */
export const { processId, counts, reasons }: Report = shared('report', () => ({
  processId: uuidV7(Date.now()),
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
}));

/** Numbers of records by reason. */
export type Reasons = Record<string, number>;

/** Distinct reasons that are kept; further ones are counted as `other`. */
const MAX_REASONS = 32;

/** Counts records, already counted as created, that this process discarded. */
export function drop(reason: string, records: number): void {
  counts.dropped += records;
  add(reasons.dropped, reason, records);
}

/** Counts one record that failed before it was counted as created. */
export function dropUncounted(reason: string): void {
  counts.created += 1;
  drop(reason, 1);
}

/** Counts records that the server, or the local file, refused. */
export function reject(reason: string, records: number): void {
  counts.rejected += records;
  add(reasons.rejected, reason, records);
}

function add(byReason: Map<string, number>, reason: string, records: number): void {
  if (records <= 0) return;
  const key = byReason.has(reason) || byReason.size < MAX_REASONS ? reason : 'other';
  byReason.set(key, (byReason.get(key) ?? 0) + records);
}

/** The counts of this process as every batch carries them. */
export const sdkReport = (): SdkReport => ({
  name: SDK_NAME,
  version: VERSION,
  process_id: processId,
  created: counts.created,
  sent: counts.sent,
  dropped: counts.dropped + counts.rejected,
});
