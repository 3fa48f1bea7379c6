/**
 * The file format of the spool: one segment holds the records of one batch.
 *
 * A header with the batch id is followed by frames. A frame is written in one call: length, checksum,
 * then lines of a digit (the table) and a record. The lines of a large frame are compressed with zstd,
 * which a bit of the length says. Files are reused, because overwriting is several
 * times cheaper than appending; so the checksum covers the batch id, which makes frames of an earlier
 * batch invalid. Zeros after a frame mark the end of the segment.
 */
import { TABLES, UUID_PATTERN } from '../../wire/protocol.ts';
import type { TableName } from '../../wire/records.ts';
import { codings, compressSync, decompress } from '../platform/compression.ts';
import { builtin } from '../platform/platform.ts';
import { attempt } from '../platform/values.ts';
import { BatchBuilder } from './batch.ts';

const MAGIC = 'AGSPOOL1';
export const HEADER_BYTES = 64;
export const FRAME_BYTES = 8;
/** Offset of the record count in the header; the count is zero until the segment is sealed. */
export const COUNT_AT = 56;

/** In the length of a frame: its lines are compressed. */
const COMPRESSED = 0x80000000;
/** Smaller frames are written as they are, because they would take longer and gain little. */
const MIN_COMPRESSED_BYTES = 8_192;

export const NEWLINE = 10;
const ZERO = 48;

/** The CRC-32 of some bytes; `seed` continues an earlier checksum. */
export const checksum = (data: Uint8Array | string, seed = 0): number =>
  builtin('node:zlib')?.crc32(data, seed) ?? 0;

/** The header of a new segment, followed by the zeros that mark its end. */
export function headerOf(batchId: string): Buffer {
  const header = Buffer.alloc(HEADER_BYTES + FRAME_BYTES);
  header.write(MAGIC + batchId);
  return header;
}

/** The record count as bytes, which seals a segment when it is written at {@link COUNT_AT}. */
export function countOf(records: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(records);
  return bytes;
}

/** Batch id and record count of a segment; undefined when the file holds no batch. */
export function readHeader(bytes: Buffer): { id: string; records: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const [magic, id] = [bytes.toString('latin1', 0, 8), bytes.toString('latin1', 8, 44)];
  const isBatch = magic === MAGIC && UUID_PATTERN.test(id);
  return isBatch ? { id, records: bytes.readUInt32LE(COUNT_AT) } : undefined;
}

/** Compresses the lines of a large frame in place. Returns their size, and the length to write. */
export function packLines(lines: Buffer): { readonly size: number; readonly length: number } {
  const size = lines.length;
  if (size < MIN_COMPRESSED_BYTES || codings()[0] !== 'zstd') return { size, length: size };
  const packed = compressSync(lines, 'zstd');
  if (!packed || packed.length >= size) return { size, length: size };
  lines.set(packed);
  return { size: packed.length, length: packed.length + COMPRESSED };
}

/** The lines of a frame; undefined when they cannot be decompressed here. */
const unpackLines = (payload: Buffer): Buffer | undefined =>
  attempt(() => decompress(payload, 'zstd')) as Buffer | undefined;

/** The readable records of a segment. */
export interface Contents {
  readonly builder: BatchBuilder;
  /** Whether the last frame was written only in part. */
  readonly isTorn: boolean;
}

/** Reads the frames of a segment up to its end, or up to the first damaged frame. */
export function readFrames(bytes: Buffer, batchId: string): Contents {
  const builder = new BatchBuilder();
  const seed = checksum(batchId);
  let at = HEADER_BYTES;
  for (;;) {
    if (at + FRAME_BYTES > bytes.length) return { builder, isTorn: at < bytes.length };
    const stated = bytes.readUInt32LE(at);
    const length = stated % COMPRESSED;
    const sum = bytes.readUInt32LE(at + 4);
    if (length === 0) return { builder, isTorn: sum !== 0 };
    const start = at + FRAME_BYTES;
    const payload = bytes.subarray(start, start + length);
    if (payload.length < length || checksum(payload, seed) !== sum) {
      return { builder, isTorn: true };
    }
    const lines = stated === length ? payload : unpackLines(payload);
    if (!lines) return { builder, isTorn: true };
    addLines(lines, builder);
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

/** The character code of the digit that stands for a table. */
export const digitOf = (table: TableName): number => TABLES.indexOf(table) + ZERO;
