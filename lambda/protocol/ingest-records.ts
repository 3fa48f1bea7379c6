/** What became of a batch that was understood. */
import { type Batch, emptyLists, type TableName } from '../../wire/records.ts';
import {
  forbidden,
  type HttpError,
  malformed,
  unauthorized,
  unavailable,
} from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import type { Answer } from '../http/response.ts';
import type { StoreResult } from '../store/store.ts';
import type { Rejections } from '../validation/rejections.ts';

/** A way in for records, and what is particular to it: how it reads and how it speaks. */
export interface IngestRoute {
  readonly name: 'native' | 'otlp' | 'python';
  readonly paths: readonly string[];
  /** Records in one request, where the sender can count them. */
  readonly maxRecords: number;
  /** Its prompts, completions and tools name their span but not their trace: the store finds it. */
  readonly namesSpanOnly?: boolean;
  /** Turns away a content type that this door does not read, before the body is looked at. */
  checkType(request: Request): HttpError | null;
  /** The batch in a body, not yet validated. Spans that cannot be go to `rejections`. */
  decode(body: Buffer, request: Request, rejections: Rejections): { batch: unknown } | HttpError;
  accept(taken: IngestOutcome, request: Request): Answer;
  refuse(refusal: HttpError, request: Request): Answer;
}

/** A batch that is durable. */
export interface IngestOutcome {
  batchId: string;
  /** Rows per table; of a batch that waits, the records that will be stored. */
  stored: Record<TableName, number>;
  rejections: Rejections;
  /** Only for a batch that waits outside of the database. */
  overflow?: { isQueued: boolean; reason: string };
}

const TABLES = Object.keys(emptyLists()) as TableName[];

/** How many records a batch holds, all kinds together. */
export function countRecords(batch: Batch): number {
  return TABLES.reduce((total, table) => total + (batch[table]?.length ?? 0), 0);
}

/** How many records a batch holds of each kind. */
export function countsOf(batch: Batch): Partial<Record<TableName, number>> {
  return Object.fromEntries(TABLES.map((table) => [table, batch[table]?.length ?? 0]));
}

/** A number for every table, 0 where the database named none. */
export function completeCounts(
  stored: Partial<Record<TableName, number>>,
): Record<TableName, number> {
  return Object.fromEntries(TABLES.map((table) => [table, stored[table] ?? 0])) as Record<
    TableName,
    number
  >;
}

/** The refusal for a batch that the database did not take. */
export function errorOf(result: Exclude<StoreResult, { status: 'stored' }>): HttpError {
  switch (result.status) {
    case 'unauthorized':
      return unauthorized('Unknown, revoked or expired token.');
    case 'forbidden':
      return forbidden('This token may not write.');
    case 'refused':
      return malformed(`The batch cannot be stored: ${result.reason}.`, result.reason);
    case 'retry':
      return unavailable('The database is away.', result.afterSeconds, result.reason);
  }
}
