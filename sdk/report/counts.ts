/** What became of records, with the reasons: `status()` tells it. */
import { uuidV7 } from '../platform/ids.ts';
import { shared } from '../platform/shared.ts';

/** Records since the process began, over every `init`. */
export interface Counts {
  /** Made here, or taken over from the spool of an earlier process. */
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
}

interface Report {
  readonly processId: string;
  readonly counts: Counts;
  /** Records by the reason for which they were refused or given up. */
  readonly reasons: {
    readonly rejected: Map<string, number>;
    readonly dropped: Map<string, number>;
  };
}

export const { processId, counts, reasons }: Report = shared('report', () => ({
  processId: uuidV7(Date.now()),
  counts: { created: 0, sent: 0, rejected: 0, dropped: 0, spooled: 0, unsampled: 0, maskFailed: 0 },
  reasons: { rejected: new Map(), dropped: new Map() },
}));

/** Records by reason. */
export type Reasons = Record<string, number>;

/** Kinds of reasons that are told apart; the rest are told together. */
const MAX_REASONS = 32;

/** Counts records that were given up on this side. */
export function drop(reason: string, records = 1): void {
  counts.dropped += records;
  note(reasons.dropped, reason, records);
}

/** Counts records that the server, or the local file, refused. */
export function reject(reason: string, records: number): void {
  counts.rejected += records;
  note(reasons.rejected, reason, records);
}

function note(byReason: Map<string, number>, reason: string, records: number): void {
  if (records <= 0) return;
  const key = byReason.has(reason) || byReason.size < MAX_REASONS ? reason : 'other';
  byReason.set(key, (byReason.get(key) ?? 0) + records);
}
