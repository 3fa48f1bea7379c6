/** What a span that writes its own records needs to know, and what it gives. */
import type { TableName } from '../../wire/records.ts';

/** Takes one record as JSON text. */
export type RecordSink = (table: TableName, json: string) => void;

/** What the records of a process have in common. */
export interface RecordContext {
  readonly serviceName: string;
  readonly release: string | null;
  readonly userId: string | null;
  /** Null in local mode, which never reaches the wire. */
  readonly mode: 'dev' | 'prod' | null;
}

/** Records that a span writes by itself. */
export interface OwnRecords {
  readonly count: number;
  write(context: RecordContext, sink: RecordSink): void;
}
