/**
 * A segment of the spool: the records of one batch, in a file.
 *
 * A header names the batch. Frames follow, each written at once: length and checksum, then lines of a
 * digit (which table) and a record. Files are used again, because overwriting is several times
 * cheaper than growing; so the checksum begins with the batch's id, and a frame that an earlier batch
 * left behind is no frame. Zeros behind a frame tell that the writer meant to stop there.
 */
import type { TableName } from '../../wire/records.ts';
import { builtin } from '../platform/platform.ts';
import { BatchBuilder, TABLES } from './batch.ts';

const MAGIC = 'AGSPOOL1';
export const HEADER_BYTES = 64;
export const FRAME_BYTES = 8;
/** Where the header says how many records there are; zero while records may still come. */
export const COUNT_AT = 56;

const HEADER = new RegExp(`^${MAGIC}([0-9a-f-]{36})`);
export const NEWLINE = 10;
const ZERO = 48;

/** Checksum of some bytes, after those that gave the seed. */
export const checksum = (data: Uint8Array | string, seed = 0): number =>
  builtin('node:zlib')?.crc32(data, seed) ?? 0;

/** The header of a batch that begins, and the zeros of an end behind it. */
export function headerOf(batchId: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + FRAME_BYTES);
  header.write(MAGIC + batchId);
  return header;
}

/** The bytes that close a segment, at {@link COUNT_AT}. */
export function countOf(records: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(records);
  return bytes;
}

/** Batch and number of records by the header; undefined when the file holds no batch. */
export function readHeader(bytes: Buffer): { id: string; records: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [, id] = HEADER.exec(bytes.toString('latin1', 0, COUNT_AT)) ?? [];
  return id ? { id, records: bytes.readUInt32LE(COUNT_AT) } : undefined;
}

/** What a segment holds. */
export interface Contents {
  readonly builder: BatchBuilder;
  /** Whether the last write to it came through only in part. */
  readonly isTorn: boolean;
}

/** Reads a segment up to its end, or to the place where it was torn. */
export function readFrames(bytes: Buffer, batchId: string): Contents {
  const builder = new BatchBuilder();
  const seed = checksum(batchId);
  let at = HEADER_BYTES;
  for (;;) {
    if (at + FRAME_BYTES > bytes.length) return { builder, isTorn: at < bytes.length };
    const length = bytes.readUInt32LE(at);
    const sum = bytes.readUInt32LE(at + 4);
    if (length === 0) return { builder, isTorn: sum !== 0 };
    const start = at + FRAME_BYTES;
    const payload = bytes.subarray(start, start + length);
    if (payload.length < length || checksum(payload, seed) !== sum) {
      return { builder, isTorn: true };
    }
    addLines(payload, builder);
    at = start + length;
  }
}

function addLines(payload: Buffer, builder: BatchBuilder): void {
  for (let start = 0; start < payload.length; ) {
    const end = payload.indexOf(NEWLINE, start);
    const table = TABLES[(payload[start] ?? 0) - ZERO];
    if (table) builder.add(table, payload.toString('utf8', start + 1, end));
    start = end + 1;
  }
}

/** The character code of a table's digit. */
export const digitOf = (table: TableName): number => TABLES.indexOf(table) + ZERO;
