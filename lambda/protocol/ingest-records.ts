/** Routes that receive records, and the outcome of a batch that was read. */
import { TABLES } from '../../wire/protocol.ts';
import type { Batch, TableName } from '../../wire/records.ts';
import {
  forbidden,
  type HttpError,
  malformed,
  unauthorized,
  unavailable,
} from '../http/http-error.ts';
import type { Request } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import type { StoreResult } from '../store/store.ts';
import type { Rejections } from '../validation/rejections.ts';

/** A route that receives records: how its protocol is read and answered. */
export interface IngestRoute {
  readonly name: 'native' | 'otlp' | 'python' | 'langsmith' | 'langfuse' | 'openai';
  readonly paths: readonly string[];
  /** The form of paths that hold an id. */
  readonly pattern?: RegExp;
  /** `POST` if absent. */
  readonly method?: 'PATCH';
  /** Most records in one request; infinite where the sender cannot count them. */
  readonly maxRecords: number;
  /** Its prompts, completions and tools name their span but not their trace; the store finds it. */
  readonly namesSpanOnly?: boolean;
  /** Checks the content type before the body is read. */
  checkType(request: Request): HttpError | null;
  /**
   * The batch in a body, not yet validated. Invalid spans are added to `rejections`. A protocol loads
   * its decoder with the first request that needs it, so that a cold start loads no other protocol's.
   */
  decode(body: Buffer, request: Request, rejections: Rejections): Decoded | Promise<Decoded>;
  /** The response to a batch that was stored or queued. */
  accept(outcome: IngestOutcome, request: Request): HttpResponse;
  /** The response to an error, in the format of the protocol. */
  refuse(error: HttpError, request: Request): HttpResponse;
}

/** A batch as it was sent, or why there is none. */
export type Decoded = { batch: unknown } | HttpError;

/** A batch that is durable: committed to the database, or written to the overflow. */
export interface IngestOutcome {
  batchId: string;
  /** Rows per table; for a batch in the overflow, the records that will be stored. */
  stored: Record<TableName, number>;
  rejections: Rejections;
  /** Set when the batch was written to the overflow. */
  overflow?: { isQueued: boolean; reason: string };
}

/** How many records a batch holds, all kinds together. */
export function countRecords(batch: Batch): number {
  return TABLES.reduce((total, table) => total + (batch[table]?.length ?? 0), 0);
}

/** How many records a batch holds of each kind. */
export function countsOf(batch: Batch): Record<TableName, number> {
  return completeCounts(
    Object.fromEntries(TABLES.map((table) => [table, batch[table]?.length ?? 0])),
  );
}

/** A count for every table, 0 where none is given. */
export function completeCounts(counts: {
  readonly [table: string]: number;
}): Record<TableName, number> {
  const complete = { sessions: 0, traces: 0, spans: 0, prompts: 0, completions: 0, tools: 0 };
  for (const table of TABLES) complete[table] = counts[table] ?? 0;
  return complete;
}

/** The error answer for a batch that the database did not store. */
export function errorOf(result: Exclude<StoreResult, { status: 'stored' }>): HttpError {
  switch (result.status) {
    case 'unauthorized':
      return unauthorized();
    case 'forbidden':
      return forbidden('This token lacks the scope "ingest".');
    case 'refused':
      return malformed(`The batch cannot be stored: ${result.reason}.`, result.reason);
    case 'retry':
      return unavailable('The database is unavailable.', result.afterSeconds, result.reason);
  }
}
