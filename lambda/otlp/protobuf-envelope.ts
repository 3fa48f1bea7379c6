/**
 * What OTLP requests in protobuf have in common: a list of resources, each with a list of scopes, each
 * with a list of items. Traces and logs differ in the items alone (collector/{trace,logs}/v1,
 * resource/v1, common/v1); unknown fields are skipped.
 */
import { PbfReader } from 'pbf';
import type { Attributes } from '../../wire/genai/index.ts';
import { DecodeError, type HttpError, malformed } from '../http/http-error.ts';
import { readCounted } from './protobuf-any-value.ts';
import * as field from './protobuf-fields.ts';
import { emptyAttributes, markCut, type SpanOrigin } from './span-intake.ts';

/** How the items of one kind of request are read. */
export interface ItemReader<Draft> {
  read(reader: PbfReader): Draft;
  /** Called when all is known of the scope that the item stands in. */
  finish(draft: Draft, origin: SpanOrigin): void;
}

/** Reads each item of a body; a refusal when the body is no such request. */
export function walkOtlpProtobuf<Draft>(body: Buffer, items: ItemReader<Draft>): HttpError | null {
  const reader = new PbfReader(body);
  try {
    for (let number = reader.nextField(); number !== 0; number = reader.nextField()) {
      if (number === 1) readResourceItems(reader, items);
    }
    field.expectEnd(reader, reader.length);
    return null;
  } catch (error) {
    if (error instanceof DecodeError) return error.httpError;
    // pbf throws plain errors (overlong varint, unknown wire type), a DataView its RangeError.
    return malformed('The body is not protobuf.');
  }
}

function readResourceItems<Draft>(reader: PbfReader, items: ItemReader<Draft>): void {
  const end = field.readEnd(reader);
  // Items hold this object, so it may also be filled after them: fields come in any order.
  const resource = emptyAttributes();
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readResource(reader, resource);
    else if (number === 2) readScopeItems(reader, resource, items);
  }
  field.expectEnd(reader, end);
}

function readResource(reader: PbfReader, resource: Attributes): void {
  const end = field.readEnd(reader);
  let count = 0;
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) count = readCounted(reader, resource, count);
  }
  field.expectEnd(reader, end);
  markCut(resource, count);
}

function readScopeItems<Draft>(
  reader: PbfReader,
  resource: Attributes,
  items: ItemReader<Draft>,
): void {
  const end = field.readEnd(reader);
  const origin = { scopeName: '', scopeVersion: '', resource };
  const drafts: Draft[] = [];
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) readScope(reader, origin);
    else if (number === 2) drafts.push(items.read(reader));
  }
  field.expectEnd(reader, end);
  for (const draft of drafts) items.finish(draft, origin);
}

function readScope(reader: PbfReader, origin: { scopeName: string; scopeVersion: string }): void {
  const end = field.readEnd(reader);
  for (let number = reader.nextField(end); number !== 0; number = reader.nextField(end)) {
    if (number === 1) origin.scopeName = field.readText(reader);
    else if (number === 2) origin.scopeVersion = field.readText(reader);
  }
  field.expectEnd(reader, end);
}
