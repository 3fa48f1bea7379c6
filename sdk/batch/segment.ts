/** Apart from the file's format: the types of the package reach this, and must not need those of Node. */

/** A batch on disk. */
export interface Segment {
  readonly id: string;
  readonly file: string;
  records: number;
  bytes: number;
  /** Whether all records of the batch are in it. */
  isWhole: boolean;
  /** Batches that came of it and are not settled. */
  uses: number;
}
