/** What the server answers to `POST /v1/batch`, record by record. */
import type { RecordKind } from './protocol.ts';
import type { TableName } from './records.ts';

/** Why one record was not stored. */
export interface Rejection {
  kind: RecordKind;
  /** The record's own id, or its place in its list (`spans[3]`) when it has no usable id. */
  id: string;
  /** The field at fault, as a path; empty when the whole record is. */
  field: string;
  /** What is wrong, in words. Never quotes the value. */
  reason: string;
}

/** The answer to a batch that was taken: 200 when committed, 202 when durably queued. */
export interface BatchReply {
  batch_id: string;
  /** Rows accepted per table, after folding duplicates inside the batch. */
  stored: Record<TableName, number>;
  rejected: Rejection[];
  /** How many were rejected, also beyond those listed. */
  rejected_count: number;
}

/** The answer to a request that was refused whole. */
export interface ErrorReply {
  error: { code: string; message: string };
}
