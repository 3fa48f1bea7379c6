/** OpenTelemetry attributes in protobuf (opentelemetry-proto, common/v1) → JSON values. */
import type { PbfReader } from 'pbf';
import type { Attributes } from '../wire/genai/span.ts';
import type { JsonValue } from '../wire/records.ts';
import { emptyAttributes } from './otlp-span.ts';
import * as field from './protobuf-fields.ts';
import { DecodeStop, malformed } from './refusal.ts';

/** Lists and maps inside one attribute. Protobuf's own libraries stop at 100 messages. */
export const MAX_VALUE_NESTING = 100;

/** Reads one KeyValue into `attributes`; a later value of the same key wins. */
export function readKeyValue(reader: PbfReader, attributes: Attributes, depth = 0): void {
  const end = field.readEnd(reader);
  let key = '';
  let value: JsonValue = null;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) key = field.readText(reader);
    else if (number === 2) value = readAnyValue(reader, depth);
  }
  field.expectEnd(reader, end);
  attributes[key] = value;
}

/** Reads one AnyValue. */
export function readAnyValue(reader: PbfReader, depth = 0): JsonValue {
  if (depth > MAX_VALUE_NESTING) {
    throw new DecodeStop(malformed(`An attribute is nested deeper than ${MAX_VALUE_NESTING}.`));
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
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) values.push(readAnyValue(reader, depth));
  }
  field.expectEnd(reader, end);
  return values;
}

function readMap(reader: PbfReader, depth: number): JsonValue {
  const end = field.readEnd(reader);
  const map = emptyAttributes();
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readKeyValue(reader, map, depth);
  }
  field.expectEnd(reader, end);
  return map;
}

/** JSON has no NaN and no infinity; proto3 writes them as text in JSON, and so do we. */
function jsonNumber(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}
