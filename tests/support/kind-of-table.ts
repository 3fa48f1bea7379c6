import type { RecordKind } from '../../wire/protocol.ts';
import { RECORDS, type TableName } from '../../wire/records.ts';

/** The kind whose rows a table holds. */
export const KIND_OF_TABLE = Object.fromEntries(
  Object.entries(RECORDS).map(([kind, { table }]) => [table, kind]),
) as Record<TableName, RecordKind>;
