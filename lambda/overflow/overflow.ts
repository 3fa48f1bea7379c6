/** Where a batch goes while the database is away. */
import type { OverflowObject } from './object.ts';

export type Kept =
  | {
      status: 'kept';
      /** False when only the object was written: maintain will find it. */
      isQueued: boolean;
      /** Why it is not queued; for the log. */
      reason: string;
    }
  | { status: 'failed'; reason: string };

export interface Overflow {
  /**
   * Makes a batch durable. It is when its object is written: the message that points to it only makes
   * it come sooner, and an object without one is found by maintain within minutes. Never rejects.
   */
  keep(object: OverflowObject): Promise<Kept>;
}

/** The kind of an error of an AWS client, which names no content. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
