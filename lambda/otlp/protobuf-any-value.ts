/** OpenTelemetry attributes in protobuf (opentelemetry-proto, common/v1) → JSON values. */
import type { PbfReader } from 'pbf';
import type { Attributes } from '../../wire/genai/index.ts';
import { LIMITS } from '../../wire/protocol.ts';
import type { JsonValue } from '../../wire/records.ts';
import { DecodeError, malformed } from '../http/http-error.ts';
import * as field from './protobuf-fields.ts';
import { markCut, markCutList } from './span-collector.ts';

/** Nesting of lists and maps in one attribute. Protobuf's own libraries stop at 100 messages. */
export const MAX_VALUE_NESTING = 100;

const OWN = { configurable: true, enumerable: true, writable: true };

/** Reads one KeyValue into `attributes`; a later value of the same key wins. */
function readKeyValue(reader: PbfReader, attributes: Attributes, depth: number): void {
  const end = field.readEnd(reader);
  let key = '';
  let value: JsonValue = null;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) key = field.readText(reader);
    else if (number === 2) value = readAnyValue(reader, depth);
  }
  field.expectEnd(reader, end);
  // A map in a value is a plain object, in which assigning this key would set the prototype.
  if (key === '__proto__') Object.defineProperty(attributes, key, { ...OWN, value });
  else attributes[key] = value;
}

/**
 * Reads one KeyValue of a message unless there are too many already; pbf skips a field that is not
 * read. Returns how many there are, for {@link markCut} at the end of the message.
 */
export function readCounted(
  reader: PbfReader,
  attributes: Attributes,
  count: number,
  depth = 0,
): number {
  if (count < LIMITS.maxKeys) readKeyValue(reader, attributes, depth);
  return count + 1;
}

/** Reads one AnyValue. */
export function readAnyValue(reader: PbfReader, depth = 0): JsonValue {
  if (depth > MAX_VALUE_NESTING) {
    throw new DecodeError(malformed(`An attribute is nested deeper than ${MAX_VALUE_NESTING}.`));
  }
  const end = field.readEnd(reader);
  let value: JsonValue = null;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    switch (number) {
      case 1:
        value = field.readText(reader);
        break;
      case 2:
        value = field.readSmallNumber(reader) !== 0;
        break;
      case 3:
        value = field.readInt64(reader);
        break;
      case 4:
        value = jsonNumber(field.readDouble(reader));
        break;
      case 5:
        value = readArray(reader, depth + 1);
        break;
      case 6:
        value = readMap(reader, depth + 1);
        break;
      case 7:
        value = field.readBytes(reader, 'base64');
        break;
    }
  }
  field.expectEnd(reader, end);
  return value;
}

function readArray(reader: PbfReader, depth: number): JsonValue {
  const end = field.readEnd(reader);
  const values: JsonValue[] = [];
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1 && ++count <= LIMITS.maxItems) values.push(readAnyValue(reader, depth));
  }
  field.expectEnd(reader, end);
  markCutList(values, count);
  return values;
}

function readMap(reader: PbfReader, depth: number): JsonValue {
  const end = field.readEnd(reader);
  // Objects without a prototype take several times the memory, and a body may hold millions.
  const map: Attributes = {};
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) count = readCounted(reader, map, count, depth);
  }
  field.expectEnd(reader, end);
  markCut(map, count);
  return map;
}

/** NaN and infinities as text, as proto3 JSON writes them. */
function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
