/**
 * Reads single protobuf fields, and checks what pbf does not: that a field has the wire type of its
 * number, and that no length exceeds the body.
 *
 * All functions throw `DecodeError` for a body that fails these checks.
 */
import type { PbfReader } from 'pbf';
import { cleanText } from '../../wire/text.ts';
import { DecodeError, malformed } from '../http/http-error.ts';
import { StringCache } from './string-cache.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

/** Reads the length of a message, text or bytes field and returns its end. */
export function readEnd(reader: PbfReader): number {
  expectType(reader, LENGTH_DELIMITED);
  const end = reader.readVarint() + reader.pos;
  if (end > reader.length) throw stop();
  return end;
}

/** Call it after the last field of a message: it must end exactly at its stated length. */
export function expectEnd(reader: PbfReader, end: number): void {
  if (reader.pos !== end) throw stop();
}

const texts = new StringCache(cleanText);

/** A clean text: bytes that are not UTF-8, and NUL, become U+FFFD. */
export function readText(reader: PbfReader): string {
  const end = readEnd(reader);
  const text = texts.read(bufferOf(reader), reader.pos, end);
  reader.pos = end;
  return text;
}

/** Bytes as lower-case hex digits or as base64. */
export function readBytes(reader: PbfReader, encoding: 'hex' | 'base64'): string {
  const end = readEnd(reader);
  const text = bufferOf(reader).toString(encoding, reader.pos, end);
  reader.pos = end;
  return text;
}

/** An unsigned 64-bit number of fixed width. */
export function readFixed64(reader: PbfReader): bigint {
  expectType(reader, FIXED64);
  const value = reader.dataView.getBigUint64(reader.pos, true);
  reader.pos += 8;
  return value;
}

export function readDouble(reader: PbfReader): number {
  expectType(reader, FIXED64);
  return reader.readDouble();
}

/** An enum or bool. */
export function readSmallNumber(reader: PbfReader): number {
  expectType(reader, VARINT);
  return reader.readVarint();
}

/** An int64: a number if that is exact, else its decimal digits. */
export function readInt64(reader: PbfReader): number | string {
  expectType(reader, VARINT);
  const start = reader.pos;
  const value = reader.readVarint(true);
  if (Number.isSafeInteger(value)) return value;
  let bits = 0n;
  for (let at = start; at < reader.pos; at++) {
    bits |= BigInt((reader.buf[at] ?? 0) & 0x7f) << BigInt(7 * (at - start));
  }
  return String(BigInt.asIntN(64, bits));
}

function expectType(reader: PbfReader, type: number): void {
  if (reader.type !== type) throw stop();
}

function bufferOf(reader: PbfReader): Buffer {
  return reader.buf as Buffer;
}

function stop(): DecodeError {
  return new DecodeError(malformed('The body is not an OTLP export request in protobuf.'));
}
