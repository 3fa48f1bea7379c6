/** What became of records, with the reasons: `status()` tells it. */
import { state } from '../state.ts';

/** Records by reason. */
export type Reasons = Record<string, number>;

/** Kinds of reasons that are told apart; the rest are told together. */
const MAX_REASONS = 32;

/** Counts records that were given up on this side. */
export function drop(reason: string, records = 1): void {
  state.counts.dropped += records;
  note(state.reasons.dropped, reason, records);
}

/** Counts records that the server, or the local file, refused. */
export function reject(reason: string, records: number): void {
  state.counts.rejected += records;
  note(state.reasons.rejected, reason, records);
}

function note(reasons: Map<string, number>, reason: string, records: number): void {
  if (records <= 0) return;
  const key = reasons.has(reason) || reasons.size < MAX_REASONS ? reason : 'other';
  reasons.set(key, (reasons.get(key) ?? 0) + records);
}
