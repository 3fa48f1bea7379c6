/**
 * Schemas of the six records and of a batch, built from `wire/records.ts`. They state the contract: the
 * OpenAPI document is generated from them, and a property test holds the checks of the hot path in
 * `fields.ts` and `batch.ts` equal to them. No function loads this file.
 */
import * as z from 'zod/mini';
import { RECORD_KINDS, type RecordKind } from '../../wire/protocol.ts';
import { RECORDS } from '../../wire/records.ts';
import { envelopeSchema } from './batch.ts';
import { fieldSchema, keySchema } from './field-schemas.ts';
import { REASONS } from './fields.ts';

function recordSchema(kind: RecordKind) {
  const { fields, key } = RECORDS[kind];
  const keys: readonly string[] = key;
  const shape = Object.fromEntries(
    Object.entries(fields).map(([name, type]) => [
      name,
      keys.includes(name) ? keySchema(type) : z.nullish(fieldSchema(type)),
    ]),
  );
  return z.pipe(z.object(shape, { error: REASONS.record }), z.transform(withoutUnknown));
}

/** Null and absent both mean "unknown", which is not stored. */
function withoutUnknown(record: { readonly [name: string]: unknown }) {
  const known = Object.entries(record).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(known);
}

/** The schema of each kind of record; what comes out is what is stored. */
export const recordSchemas = Object.fromEntries(
  RECORD_KINDS.map((kind) => [kind, recordSchema(kind)]),
) as Record<RecordKind, ReturnType<typeof recordSchema>>;

/** `POST /v1/batch`: the envelope that `validateBatch` checks, with the records that it checks one by one. */
export const batchSchema = z.extend(envelopeSchema, {
  sessions: listOf('session'),
  traces: listOf('trace'),
  spans: listOf('span'),
  prompts: listOf('prompt'),
  completions: listOf('completion'),
  tools: listOf('tool'),
});

function listOf(kind: RecordKind) {
  return z.nullish(z.array(recordSchemas[kind]));
}
