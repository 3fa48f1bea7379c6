/**
 * The envelope of OTLP requests in protobuf: a list of resources, each with a list of scopes, each
 * with a list of items. Traces and logs differ only in their items (collector/{trace,logs}/v1,
 * resource/v1, common/v1). Unknown fields are skipped.
 */
import { PbfReader } from 'pbf';
import type { Attributes } from '../../wire/genai/index.ts';
import { DecodeError, type HttpError, malformed } from '../http/http-error.ts';
import { readCounted } from './protobuf-any-value.ts';
import * as field from './protobuf-fields.ts';
import { emptyAttributes, markCut, type SpanOrigin } from './span-collector.ts';

/** How the items of a request are decoded. */
export interface ItemReader<Draft> {
  read(reader: PbfReader): Draft;
  /** Called when the scope of the item has been read completely. */
  finish(draft: Draft, origin: SpanOrigin): void;
}

/** Decodes each item of a body, or returns why the body is not such a request. */
export function visitOtlpProtobuf<Draft>(body: Buffer, items: ItemReader<Draft>): HttpError | null {
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
  // Items refer to this object, so it may be filled after them: fields come in any order.
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
