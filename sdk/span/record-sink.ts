/** The interface between spans and the writers of their records. */
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

/** An event of a span. */
export interface SpanEvent {
  readonly name: string;
  readonly atMillis: number;
  /** JSON text of an object. */
  readonly attributes: string | null;
}
