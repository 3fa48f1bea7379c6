/** What became of a batch that was understood. */
import { type Batch, emptyLists, type TableName } from '../../wire/records.ts';
import { forbidden, malformed, type Refusal, unauthorized, unavailable } from '../http/refusal.ts';
import type { StoreResult } from '../store/store.ts';
import type { Rejections } from '../validation/rejections.ts';

/** A batch that is durable. */
export interface Taken {
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
export function refusalOf(result: Exclude<StoreResult, { status: 'stored' }>): Refusal {
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
