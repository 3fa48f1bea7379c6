/** Writes records to the file of a segment, as frames. All methods throw on disk errors. */
import type { TableName } from '../../wire/records.ts';
import { uuidV7 } from '../platform/ids.ts';
import type { Segment } from './batch.ts';
import {
  COUNT_AT,
  checksum,
  countOf,
  digitOf,
  FRAME_BYTES,
  HEADER_BYTES,
  headerOf,
  NEWLINE,
  packLines,
} from './spool-format.ts';

export interface SegmentWriter {
  /** The segment that is being written. */
  readonly segment: Segment | undefined;
  /** Starts a segment in a new file, or in an emptied one. */
  open(file: string, isReused: boolean): void;
  /** Adds a record; it is on disk after the next {@link write}. */
  add(table: TableName, json: string): void;
  /** Writes the added records as one frame. */
  write(): void;
  /** Ends the segment. A complete one gets its record count. */
  close(isComplete: boolean): void;
}

/** Bytes of one write, unless a single record is larger. */
const CHUNK_BYTES = 65_536;

export function createSegmentWriter(fs: typeof import('node:fs')): SegmentWriter {
  let segment: Segment | undefined;
  let fd = -1;
  /** Offset of the next frame, and the checksum of the batch id. */
  let at = 0;
  let seed = 0;
  /** Added records, after space for the head of their frame. */
  let chunk = allocate(CHUNK_BYTES);
  let used = FRAME_BYTES;

  const write = (): void => {
    if (!segment || used === FRAME_BYTES) return;
    const frame = chunk;
    const { size: lines, length } = packLines(frame.subarray(FRAME_BYTES, used));
    const size = FRAME_BYTES + lines + FRAME_BYTES;
    used = FRAME_BYTES;
    if (chunk.length > CHUNK_BYTES + 2 * FRAME_BYTES) chunk = allocate(CHUNK_BYTES);
    frame.writeUInt32LE(length, 0);
    const end = FRAME_BYTES + lines;
    frame.writeUInt32LE(checksum(frame.subarray(FRAME_BYTES, end), seed), 4);
    frame.fill(0, end, size);
    for (let done = 0; done < size; ) {
      done += fs.writeSync(fd, frame, done, size - done, at + done);
    }
    at += end;
    segment.bytes += end;
  };

  return {
    get segment() {
      return segment;
    },
    open(file, isReused) {
      const id = uuidV7(Date.now());
      fd = fs.openSync(file, isReused ? 'r+' : 'wx', 0o600);
      const header = headerOf(id);
      fs.writeSync(fd, header, 0, header.length, 0);
      at = HEADER_BYTES;
      seed = checksum(id);
      used = FRAME_BYTES;
      segment = { id, file, records: 0, bytes: at, isComplete: false, uses: 0 };
    },
    add(table, json) {
      if (!segment) return;
      const most = json.length * 3 + 2;
      if (used + most > chunk.length - FRAME_BYTES) {
        write();
        if (most > CHUNK_BYTES) chunk = allocate(most);
      }
      chunk[used++] = digitOf(table);
      used += chunk.write(json, used);
      chunk[used++] = NEWLINE;
      segment.records += 1;
    },
    write,
    close(isComplete) {
      if (!segment) return;
      const { records } = segment;
      segment.isComplete = isComplete;
      segment = undefined;
      if (isComplete) fs.writeSync(fd, countOf(records), 0, 4, COUNT_AT);
      fs.closeSync(fd);
    },
  };
}

/** A chunk with space for the heads of its frame and of the next one. */
const allocate = (size: number): Buffer => Buffer.allocUnsafe(size + 2 * FRAME_BYTES);
