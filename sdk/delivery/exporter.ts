/** The interface of the exporters: HTTP in the modes `dev` and `prod`, SQLite in the mode `local`. */
import type { Batch } from '../batch/batch.ts';

/** The result of one attempt to export a batch. */
export type ExportResult =
  /** `rejected`: records of the batch that the server refused. */
  | { readonly status: 'sent'; readonly rejected: number; readonly reason?: string }
  /** `afterMillis`: the delay that the server asked for. */
  | { readonly status: 'retry'; readonly afterMillis?: number | undefined; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string }
  /** Too large for the server: to be sent again as two batches. */
  | { readonly status: 'split' };

/** Makes one attempt to export a batch. Never rejects. */
export type Exporter = (batch: Batch, signal: AbortSignal) => ExportResult | Promise<ExportResult>;
