/** Response bodies of the ingest endpoint. */
import type { HttpErrorCode } from './errors.ts';
import type { RecordKind } from './protocol.ts';
import type { TableName } from './records.ts';

/** Why one record was not stored. */
export interface Rejection {
  kind: RecordKind;
  /** The record's own id, or its place in its list (`spans[3]`) when it has no usable id. */
  id: string;
  /** The invalid field; empty for the record as a whole. */
  field: string;
  /** Why it is invalid. Never quotes the value. */
  reason: string;
}

/** The response to `POST /v1/batch`: 200 when committed, 202 when durable and stored later. */
export interface BatchReply {
  batch_id: string;
  /** Rows accepted per table, after merging duplicates inside the batch. */
  stored: Record<TableName, number>;
  rejected: Rejection[];
  /** How many records were rejected, including those not listed. */
  rejected_count: number;
}

/** An error response; see docs/errors.md. */
export interface ErrorReply {
  error: { code: HttpErrorCode; message: string };
}
