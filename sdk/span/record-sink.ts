/** Writing records: where they go, what they have in common, and spans that write their own. */
import type { TableName } from '../../wire/records.ts';

/** Takes one record as JSON text. */
export type RecordSink = (table: TableName, json: string) => void;

/** Fields that all records of a process have in common. */
export interface RecordContext {
  readonly serviceName: string;
  readonly release: string | null;
  readonly userId: string | null;
  /** Null in local mode, which never sends records. */
  readonly mode: 'dev' | 'prod' | null;
}

/** The records of a span that does not use the default writer. */
export interface OwnRecords {
  readonly count: number;
  write(context: RecordContext, sink: RecordSink): void;
}
