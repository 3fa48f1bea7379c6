/** What the result of an attempt means for a batch, and when the next attempt is made. */
import { type Batch, halve } from '../batch/batch.ts';
import { type Report, reject, sdkReport } from '../report/counts.ts';
import type { Warn } from '../report/warnings.ts';
import type { ExportResult } from './exporter.ts';

const FIRST_BACKOFF_MILLIS = 250;
const MAX_BACKOFF_MILLIS = 30_000;
export const MAX_RETRY_AFTER_MILLIS = 300_000;

/** Counts the records of a batch by its final result; returns the batches that replace it. */
export function countOutcome(
  batch: Batch,
  result: Exclude<ExportResult, { status: 'retry' }>,
  report: Report,
  warn: Warn,
): Batch[] {
  const { records } = batch;
  switch (result.status) {
    case 'sent': {
      const { rejected, reason = 'rejected' } = result;
      report.counts.sent += records - rejected;
      report.lastFailure = undefined;
      if (rejected > 0) {
        reject(report, reason, rejected);
        warn('rejected', `records were rejected: ${result.reason ?? 'no reason given'}`);
      }
      return [];
    }
    case 'refused':
      reject(report, result.reason, records);
      warn('refused', `a batch was refused: ${result.reason}`);
      return [];
    case 'split': {
      const halves = halve(batch, sdkReport(report));
      if (halves.length === 0) {
        reject(report, '413', records);
        warn('too-large', 'a record is too large for the server (413)');
      }
      return halves;
    }
  }
}

/** Exponential backoff with jitter, so that processes which fail together do not retry together. */
export const backoffMillis = (attempt: number): number =>
  Math.min(FIRST_BACKOFF_MILLIS * 2 ** attempt, MAX_BACKOFF_MILLIS) * (0.5 + Math.random() / 2);
